package application

import (
	"errors"
	"net/http"

	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/secret"
	"rostrum.example/internal/store"
)

// openView lets somebody who followed a link open what it leads to.
type openView struct {
	Sample bool
	Key    string
	Call   string
}

// noneView says that no application is open in this browser. Gone: there was one.
type noneView struct{ Gone bool }

// linkView asks for the address to which a new link goes.
type linkView struct {
	Done   string
	Email  page.Field
	Errors page.FormErrors
	Sent   bool
	Links  int
	Within int
}

// showApplication shows where the application stands that the browser keeps; with a key in its address, a button that
// opens the one that the key belongs to. The button, and not the link itself, gives the browser the key: programs that
// open links in mail press none, and a browser sends a strict cookie only to what the site itself has asked for.
func (room *Room) showApplication(w http.ResponseWriter, r *page.Request) error {
	if !r.URL.Query().Has("key") {
		return room.mine(room.showOwn)(w, r)
	}
	v := &visit{arrived: room.o.Clock()}
	if err := room.follow(r, r.URL.Query().Get("key"), v); err != nil {
		return err
	}
	return room.pages.open.Render(noStore{w}, r, openView{Sample: v.a.Sample, Key: v.key.Reveal(), Call: words(v.call.Title, r.Lang)})
}

// follow finds the application of a link.
func (room *Room) follow(r *page.Request, key string, v *visit) error {
	gone := problem(http.StatusGone, "application.problem.link")
	var ok bool
	if v.key, ok = secret.Parse(key); !ok {
		return gone
	}
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) error { return room.visit(tx, v) })
	if errors.Is(err, ErrNotFound) {
		return gone
	}
	return err
}

func (room *Room) openLink(w http.ResponseWriter, r *page.Request) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	v := &visit{arrived: room.o.Clock()}
	if err := room.follow(r, form.Get("key"), v); err != nil {
		return err
	}
	room.remember(w, r, v.key)
	return r.Redirect(w, "/applications")
}

// takeForget takes the link out of the browser; the application stays.
func (room *Room) takeForget(w http.ResponseWriter, r *page.Request) error {
	room.forgetHere(w, r)
	return r.Redirect(w, "/applications/link?done=forgotten")
}

func (room *Room) showLink(w http.ResponseWriter, r *page.Request) error {
	return room.renderLink(w, r, http.StatusOK, "", nil, false)
}

func (room *Room) renderLink(w http.ResponseWriter, r *page.Request, status int, typed string, errs page.FormErrors, sent bool) error {
	return room.pages.link.RenderStatus(noStore{w}, r, status, linkView{
		Done: page.Done(r, []string{"forgotten"}, "application.done."),
		Email: page.Field{Name: "email", Label: r.Text("application.link.email"), Hint: r.Text("application.link.email.hint"), Type: "email",
			Inputmode: "email", Autocomplete: "email", LTR: true, Value: typed, Error: errs.Of("email")},
		Errors: errs, Sent: sent, Links: linksPerAddress, Within: int(addressWindow.Minutes()),
	})
}

// takeLink answers the same whether or not an application has the address.
func (room *Room) takeLink(w http.ResponseWriter, r *page.Request) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	email, err := party.ParseEmail(form.Get("email"))
	if err == nil {
		err = room.askLink(r.Context(), email, r.Lang)
	}
	if err != nil {
		errs, err := page.Explain(r, err)
		if err != nil {
			return err
		}
		return room.renderLink(w, r, http.StatusUnprocessableEntity, form.Get("email"), errs, false)
	}
	return room.renderLink(w, r, http.StatusOK, "", nil, true)
}
