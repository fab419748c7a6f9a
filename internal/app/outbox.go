package app

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"rostrum.example/internal/mail"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// outboxPages show an officer what the instance has sent, could not send, or would send if it had a mail server.
type outboxPages struct {
	house   *house
	db      *store.DB
	list    *page.Page[outboxView]
	message *page.Page[messageView]
}

type messageLine struct {
	Path, Subject, To, StateKey, At string
}

type outboxView struct {
	HasServer bool
	Lines     []messageLine
	Next      string
}

// fileLine is a file that goes with a message.
type fileLine struct {
	Path, Name string
	Kilobytes  int
}

type messageView struct {
	Subject, To, StateKey, At string
	Lang, Dir                 string
	Text                      string
	ReasonKey, Detail         string
	ID                        string
	CanResend                 bool
	Files                     []fileLine
}

func seatOutbox(a *App, h *house) error {
	p := &outboxPages{house: h, db: a.db}
	var err error
	if p.list, err = page.Parse[outboxView](h.site, templates, "outbox"); err != nil {
		return err
	}
	if p.message, err = page.Parse[messageView](h.site, templates, "message"); err != nil {
		return err
	}
	h.site.Page("GET /outbox", h.directory.SignedIn(p.showList))
	h.site.Page("GET /outbox/{message}", h.directory.SignedIn(p.showMessage))
	h.site.Page("GET /outbox/{message}/files/{file}", h.directory.SignedIn(p.download))
	h.site.Page("POST /outbox/{message}/resend", h.directory.SignedIn(p.resend))
	return nil
}

func (p *outboxPages) showList(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	if err := party.Allow(actor, party.ReadOutbox, party.WholeInstance()); err != nil {
		return err
	}
	found, err := p.house.outbox.List(r.Context(), org, mail.Filter{After: r.URL.Query().Get("after")})
	if err != nil {
		return err
	}
	v := outboxView{HasServer: p.house.settings.Mail != nil}
	for _, e := range found.Entries {
		v.Lines = append(v.Lines, messageLine{"/outbox/" + e.ID, e.Subject, e.To.Reveal(), "outbox.state." + string(e.State), r.Instant(e.Created)})
	}
	if found.Next != "" {
		v.Next = "/outbox?after=" + found.Next
	}
	return p.list.Render(w, r, v)
}

func (p *outboxPages) showMessage(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	if err := party.Allow(actor, party.ReadOutbox, party.WholeInstance()); err != nil {
		return err
	}
	e, err := p.house.outbox.Message(r.Context(), org, r.PathValue("message"))
	if errors.Is(err, mail.ErrNotFound) {
		return page.NotFound()
	}
	if err != nil {
		return err
	}
	v := messageView{
		Subject: e.Subject, To: e.To.Reveal(), StateKey: "outbox.state." + string(e.State), At: r.Instant(e.Created),
		Lang: e.Lang, Dir: "auto", Text: e.Text, Detail: e.Detail, ID: e.ID, CanResend: e.State == mail.Failed,
	}
	if e.Secret && p.house.settings.Mail != nil {
		v.Text = "" // the link is for the person alone; without a mail server somebody must pass it on
	}
	for i, a := range e.Attachments {
		v.Files = append(v.Files, fileLine{fmt.Sprintf("/outbox/%s/files/%d", e.ID, i), a.Name, (len(a.Body) + 1023) / 1024})
	}
	if e.Reason != "" {
		v.ReasonKey = "outbox.reason." + string(e.Reason)
	}
	return p.message.Render(w, r, v)
}

// download gives a file that goes with a message, always to be saved and never shown in the browser.
func (p *outboxPages) download(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	if err := party.Allow(actor, party.ReadOutbox, party.WholeInstance()); err != nil {
		return err
	}
	files, err := p.house.outbox.Attachments(r.Context(), org, r.PathValue("message"))
	if err != nil {
		return err
	}
	i, err := strconv.Atoi(r.PathValue("file"))
	if err != nil || i < 0 || i >= len(files) {
		return page.NotFound()
	}
	return page.Download(w, files[i].Name, files[i].Type, files[i].Body)
}

func (p *outboxPages) resend(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	if err := party.Allow(actor, party.ReadOutbox, party.WholeInstance()); err != nil {
		return err
	}
	id := r.PathValue("message")
	err := p.db.Write(r.Context(), func(tx *store.Tx) error { return p.house.outbox.Resend(tx, org, id) })
	if errors.Is(err, mail.ErrNotFound) {
		return page.NotFound()
	}
	if err != nil {
		return err
	}
	return r.Redirect(w, "/outbox/"+id)
}
