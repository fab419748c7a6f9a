package summary

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
	"rostrum.example/internal/text"
)

// headingView is the form for a section's heading and need, or for the title.
type headingView struct {
	headView
	Path     string
	Basis    int
	IsTitle  bool
	Empty    bool
	Need     page.Field
	Headings []page.Field
	Conflict *conflictView
}

func (room *Room) showSection(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	return room.renderSection(w, r, http.StatusOK, actor, nil, nil, nil)
}

func (room *Room) takeSection(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	id, which := dialogueOf(r), r.PathValue("section")
	basis, _ := strconv.Atoi(form.Get("basis"))
	words, err := headingWords(form)
	need := form.Get("need")
	if need != "" && !slices.ContainsFunc(room.o.Needs, func(n party.Named) bool { return n.ID == need }) {
		err = page.Collect(err, invalid("need", "summary.problem.kind"))
	}
	switch {
	case err != nil:
	case form.Get("do") == "remove":
		err = room.RemoveSection(r.Context(), actor, id, text.SectionID(which))
	case form.Get("do") == "up":
		err = room.raiseSection(r, actor, text.SectionID(which))
	case which == "":
		if len(words) == 0 {
			for _, n := range room.o.Needs {
				if n.ID == need {
					words = room.needWords(n)
				}
			}
		}
		err = room.AddSection(r.Context(), actor, id, text.Section{Topic: need, Heading: words}, text.SectionID(form.Get("before")))
	case which == text.TitlePart:
		err = room.SaveTitle(r.Context(), actor, id, words, basis)
	default:
		err = room.SaveSection(r.Context(), actor, id, text.Section{ID: text.SectionID(which), Topic: need, Heading: words}, basis)
	}
	if err == nil {
		return r.Redirect(w, desk(id)+"?done=section")
	}
	var clash *text.Conflict
	if errors.As(err, &clash) && which != "" {
		return room.renderSection(w, r, http.StatusConflict, actor, form, nil, clash)
	}
	errs, err := party.Explain(r, err)
	if err != nil {
		return err
	}
	if which == "" {
		return room.renderCompose(w, r, http.StatusUnprocessableEntity, actor, form, errs)
	}
	return room.renderSection(w, r, http.StatusUnprocessableEntity, actor, form, errs, nil)
}

// needWords is the name of a need in all languages that it has.
func (room *Room) needWords(n party.Named) text.Words {
	w := text.Words{}
	for lang, name := range n.Name {
		w[lang] = text.Wording{Text: name, Status: text.Editors}
	}
	return w
}

// raiseSection moves a section up by one place.
func (room *Room) raiseSection(r *page.Request, actor party.Actor, which text.SectionID) error {
	return room.edit(r.Context(), actor, dialogueOf(r), func(tx *store.Tx, _ Held, s summary) error {
		d, err := room.texts.Read(tx, s.Doc)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(d.Sections, func(s text.Section) bool { return s.ID == which })
		if i <= 0 {
			return nil
		}
		return room.texts.MoveSection(tx, s.Doc, which, d.Sections[i-1].ID, actor.Person)
	})
}

func headingWords(form url.Values) (text.Words, error) {
	words := text.Words{}
	var errs []error
	for _, lang := range Langs {
		at := "heading-" + string(lang)
		s, err := line(at, form.Get(at), maxLine)
		errs = append(errs, err)
		if s != "" {
			words[lang] = text.Wording{Text: s, Status: text.Editors}
		}
	}
	return words, page.Collect(errs...)
}

func (room *Room) renderSection(w http.ResponseWriter, r *page.Request, status int, actor party.Actor, form url.Values, errs page.FormErrors, clash *text.Conflict) error {
	d, err := room.begun(r, actor)
	if err != nil {
		return err
	}
	which := r.PathValue("section")
	v := headingView{Path: desk(d.id()) + "/sections/" + which, IsTitle: which == text.TitlePart, Basis: d.Stamps[which].Edit}
	words, need := d.Draft.Title, ""
	if !v.IsTitle {
		s := d.doc().Section(text.SectionID(which))
		if s == nil {
			return page.NotFound()
		}
		words, need, v.Empty = s.Heading, s.Topic, len(s.Blocks) == 0
	}
	if v.headView, err = room.head(r, actor, d, "compose"); err != nil {
		return err
	}
	v.Errors = errs
	if clash != nil {
		v.Conflict, v.Basis, words = room.conflictView(r, d, clash), clash.Edit, clash.Merged.Text
		form = nil
	}
	v.Need = room.needField(r, need)
	if form.Has("need") {
		page.Choose(v.Need.Choices, form.Get("need"))
	}
	v.Headings = headingFields(r, d.Langs, words, form, errs)
	return room.pages.section.RenderStatus(noStore{w}, r, status, v)
}

func (room *Room) needField(r *page.Request, chosen string) page.Field {
	f := page.Field{Name: "need", Label: r.Text("summary.need"), Choices: []page.Choice{{Text: r.Text("summary.need.none")}}}
	for _, n := range room.o.Needs {
		f.Choices = append(f.Choices, page.Choice{Value: n.ID, Text: n.In(r.Lang)})
	}
	page.Choose(f.Choices, chosen)
	return f
}

func headingFields(r *page.Request, langs []locale.Lang, words text.Words, form url.Values, errs page.FormErrors) []page.Field {
	var all []page.Field
	for _, lang := range langs {
		at := "heading-" + string(lang)
		f := page.Field{Name: at, Label: r.Text("summary.heading", "Lang", langName(lang)), Type: "text", Max: maxLine, Value: words[lang].Text, Error: errs.Of(at)}
		if form.Has(at) {
			f.Value = form.Get(at)
		}
		all = append(all, f)
	}
	return all
}
