package followup

import (
	"net/http"
	"net/url"
	"slices"

	"rostrum.example/internal/ledger"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// viewForm is where an organisation says what it sees, and takes back what it said.
type viewForm struct {
	Done         string
	Errors       page.FormErrors
	Sample, Gone bool
	Path, Public string
	Text         *text
	Lines        []lineView
	Organisation page.Field
	About        page.Field
	Words        page.Field
	Others       []page.Field
	Evidence     page.Field
	Shown        page.Field
	Mine         []viewView
	Reason       page.Field
}

var viewDone = []string{"said", "unsaid"}

func organisationsOf(actor party.Actor) []party.OrganisationID {
	var all []party.OrganisationID
	for _, h := range actor.Roles {
		if id := party.OrganisationID(h.Scope.ID); h.Scope.Kind == party.InOrganisation && h.Role == party.Contact && !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	return all
}

func (room *Room) showView(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	return room.renderView(w, r, http.StatusOK, actor, url.Values{}, nil)
}

func (room *Room) takeView(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	typed, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	id, done := PointID(r.PathValue("point")), "said"
	switch typed.Get("do") {
	case "say":
		// "point", or what is said of which State's commitment: "commitment-AT", "progress-AT".
		kind, about := typed.Get("about"), ""
		for _, k := range []ViewKind{OnCommitment, OnProgress} {
			if n := len(k) + 1; len(kind) > n && kind[:n] == string(k)+"-" {
				kind, about = string(k), kind[n:]
			}
		}
		_, err = room.Say(r.Context(), actor, id, ViewData{
			Organisation: typed.Get("organisation"), About: about, Kind: kind, Named: typed.Get("named") == "name", Text: typedWords(typed, "text"), Evidence: typed.Get("evidence"),
		})
	case "unsay":
		done = "unsaid"
		_, err = room.Unsay(r.Context(), actor, typed.Get("view"), typed.Get("reason"))
	default:
		return page.Unreadable(nil)
	}
	if err != nil {
		errs, err := explain(r, err)
		if err != nil {
			return err
		}
		return room.renderView(w, r, http.StatusUnprocessableEntity, actor, typed, errs)
	}
	return r.Redirect(w, "/desk/views/"+string(id)+"?done="+done)
}

func (room *Room) renderView(w http.ResponseWriter, r *page.Request, status int, actor party.Actor, typed url.Values, errs page.FormErrors) error {
	mine := organisationsOf(actor)
	if len(mine) == 0 {
		return party.Allow(actor, party.ViewPoint, party.WholeInstance())
	}
	id := PointID(r.PathValue("point"))
	v := viewForm{Done: page.Done(r, viewDone, "followup.done."), Errors: errs, Path: "/desk/views/" + string(id), Public: pointPath(id)}
	var k *Known
	var organisations []party.Organisation
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		organisations = nil
		for _, id := range mine {
			o, err := room.o.Directory.Organisation(tx, id)
			if err != nil {
				return err
			}
			organisations = append(organisations, o)
		}
		k, err = room.Known(tx, id)
		return err
	})
	if err != nil {
		return notFound(err)
	}
	v.Sample, v.Gone, v.Text, v.Lines = k.Point.Sample, !k.Point.Withdrawn.IsZero(), say(r, k.Point.Text), room.lines(r, k.Lines)
	v.Organisation = page.Field{Name: "organisation", Label: r.Text("followup.view.organisation"), Error: errs.Of("organisation")}
	for _, o := range organisations {
		v.Organisation.Choices = append(v.Organisation.Choices, page.Choice{Value: string(o.ID), Text: o.Name})
	}
	page.Choose(v.Organisation.Choices, first(typed.Get("organisation"), string(mine[0])))
	v.About = page.Field{Name: "about", Label: r.Text("followup.view.about"), Hint: r.Text("followup.view.about.hint"), Error: first(errs.Of("about"), errs.Of("kind")),
		Choices: []page.Choice{{Value: string(OnPoint), Text: r.Text("followup.view.point")}}}
	for _, code := range room.byName(r.Lang, committed(k.Answers)) {
		for _, kind := range []ViewKind{OnCommitment, OnProgress} {
			v.About.Choices = append(v.About.Choices, page.Choice{Value: string(kind) + "-" + code, Text: r.Text("followup.view."+string(kind)+".of", "State", room.StateName(r.Lang, code))})
		}
	}
	page.Choose(v.About.Choices, first(typed.Get("about"), string(OnPoint)))
	v.Words, v.Others = wordFields(r, typed, errs, "text", "followup.view.text", 6, maxText)
	v.Evidence = page.Field{Name: "evidence", Label: r.Text("followup.evidence"), Hint: r.Text("followup.evidence.hint"), Rows: 2, LTR: true, Optional: true, Value: typed.Get("evidence"), Error: errs.Of("evidence")}
	v.Shown = page.Field{Name: "named", Label: r.Text("followup.view.named"), Error: errs.Of("named"), Choices: page.Choose([]page.Choice{
		{Value: "category", Text: r.Text("followup.view.named.category")}, {Value: "name", Text: r.Text("followup.view.named.name")},
	}, first(typed.Get("named"), "category"))}
	v.Reason = page.Field{Name: "reason", Label: r.Text("followup.reason"), Hint: r.Text("followup.reason.hint"), Rows: 2, Value: typed.Get("reason"), Error: errs.Of("reason")}
	var ids []ledger.ID
	for _, said := range k.Views {
		if slices.Contains(mine, said.Organisation) {
			v.Mine = append(v.Mine, room.viewIn(r, said))
			ids = append(ids, said.Entry)
		}
	}
	places, err := room.places(r, ids...)
	if err != nil {
		return err
	}
	for i := range v.Mine {
		v.Mine[i].Entered = page.EnteredAt(places, v.Mine[i].Entry)
	}
	return room.pages.view.RenderStatus(w, r, status, v)
}

// committed lists the States whose commitment on a point stands.
func committed(all []Answer) []string {
	var codes []string
	for _, a := range all {
		if _, ok := Commitment(all, a.State); ok && !slices.Contains(codes, a.State) {
			codes = append(codes, a.State)
		}
	}
	return codes
}

// linkForm is where editors draw lines to later dialogues.
type linkForm struct {
	Done                  string
	Errors                page.FormErrors
	Sample                bool
	Path, Public          string
	Text                  *text
	Later, Item, Relation page.Field
	Words                 page.Field
	Others                []page.Field
	Links                 []linkView
	Reason                page.Field
}

var linkDone = []string{"drawn", "undrawn"}

func (room *Room) showLink(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	return room.renderLink(w, r, http.StatusOK, actor, url.Values{}, nil)
}

func (room *Room) takeLink(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	typed, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	id, done := PointID(r.PathValue("point")), "drawn"
	switch typed.Get("do") {
	case "draw":
		err = room.Draw(r.Context(), actor, id, LinkData{typed.Get("later"), typed.Get("item"), typed.Get("relation"), typedWords(typed, "why")})
	case "undraw":
		done, err = "undrawn", room.Undraw(r.Context(), actor, id, typed.Get("link"), typed.Get("reason"))
	default:
		return page.Unreadable(nil)
	}
	if err != nil {
		errs, err := explain(r, err)
		if err != nil {
			return err
		}
		return room.renderLink(w, r, http.StatusUnprocessableEntity, actor, typed, errs)
	}
	return r.Redirect(w, "/desk/links/"+string(id)+"?done="+done)
}

func (room *Room) renderLink(w http.ResponseWriter, r *page.Request, status int, actor party.Actor, typed url.Values, errs page.FormErrors) error {
	if err := party.Allow(actor, edit, party.WholeInstance()); err != nil {
		return err
	}
	id := PointID(r.PathValue("point"))
	v := linkForm{
		Done: page.Done(r, linkDone, "followup.done."), Errors: errs, Path: "/desk/links/" + string(id), Public: pointPath(id),
		Later:    page.Field{Name: "later", Label: r.Text("followup.link.later"), Hint: r.Text("followup.link.later.hint"), Type: "text", LTR: true, Max: maxLine, Value: typed.Get("later"), Error: errs.Of("later")},
		Item:     page.Field{Name: "item", Label: r.Text("followup.link.item"), Hint: r.Text("followup.link.item.hint"), Type: "text", LTR: true, Max: maxLine, Optional: true, Value: typed.Get("item"), Error: errs.Of("item")},
		Relation: page.Field{Name: "relation", Label: r.Text("followup.link.relation"), Error: errs.Of("relation"), Choices: choices(r, "followup.relation.", Relations(), typed.Get("relation"))},
		Reason:   page.Field{Name: "reason", Label: r.Text("followup.reason"), Hint: r.Text("followup.reason.hint"), Rows: 2, Value: typed.Get("reason"), Error: errs.Of("reason")},
	}
	v.Words, v.Others = wordFields(r, typed, errs, "why", "followup.link.why", 3, maxReason)
	var ids []ledger.ID
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) error {
		p, err := room.Point(tx, id)
		if err != nil {
			return notFound(err)
		}
		v.Sample, v.Text = p.Sample, say(r, p.Text)
		all, err := room.Links(tx, id)
		if err != nil {
			return err
		}
		v.Links, err = room.linkViews(tx, r, all)
		return err
	})
	if err != nil {
		return err
	}
	for _, l := range v.Links {
		ids = append(ids, l.Entry)
	}
	places, err := room.places(r, ids...)
	if err != nil {
		return err
	}
	for i := range v.Links {
		v.Links[i].Entered = page.EnteredAt(places, v.Links[i].Entry)
	}
	return room.pages.link.RenderStatus(w, r, status, v)
}
