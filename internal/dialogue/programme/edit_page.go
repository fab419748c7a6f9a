package programme

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// maxForm bounds what a form may weigh, in bytes.
const maxForm = 256 << 10

// editView is the draft as a whole.
type editView struct {
	ID, Title, Base string
	Sample          bool
	Errors          page.FormErrors
	Done            string
	Begun           bool
	Edit            int
	Languages       string
	Days            []editDay
	Changes         []string // against the newest version
	Number          int      // of that
	New             string   // an id for what is added
}

type editDay struct {
	dayView
	Sittings []editSitting
}

type editSitting struct {
	sittingView
	Over string // more is planned than there is time
}

// draftOf reads the draft for somebody who may edit it.
func (room *Room) draftOf(r *page.Request, actor party.Actor) (h Held, p Programme, edit int, begun bool, v *Version, err error) {
	h, v, _, err = room.look(r, newest, func(tx *store.Tx, h Held) error {
		if err := party.Allow(actor, party.EditProgramme, h.scope()); err != nil {
			return err
		}
		p, edit, begun, err = room.draft(tx, h.ID, false)
		return err
	})
	return h, p, edit, begun, v, err
}

func (room *Room) showEdit(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	return room.renderEdit(w, r, actor, http.StatusOK, nil)
}

func (room *Room) renderEdit(w http.ResponseWriter, r *page.Request, actor party.Actor, status int, errs page.FormErrors) error {
	h, p, edit, begun, v, err := room.draftOf(r, actor)
	if err != nil {
		return err
	}
	say := room.speak(r.Lang, h)
	view := editView{
		ID: string(h.ID), Title: say.of(h.Title, string(h.ID)), Base: base(h.ID), Sample: h.Sample, Errors: errs, Begun: begun, Edit: edit,
		Done: page.Done(r, []string{"saved", "published"}, "programme.done."),
	}
	if view.New, err = room.newID(); err != nil {
		return err
	}
	read := programmeView{Base: base(h.ID)}
	read.fill(say, &Version{Programme: p}, true)
	view.Languages = read.Languages
	for i, d := range read.Days {
		day := editDay{dayView: d}
		for j, s := range d.Sittings {
			one := editSitting{sittingView: s}
			sitting := &p.Days[i].Sittings[j]
			if planned := sitting.minutes(); planned > sitting.length() {
				one.Over = say.text("programme.edit.over", "Planned", planned, "Length", sitting.length())
			}
			day.Sittings = append(day.Sittings, one)
		}
		view.Days = append(view.Days, day)
	}
	if v != nil {
		view.Number = v.Number
		for _, c := range changes(v, &p) {
			view.Changes = append(view.Changes, say.change(c))
		}
	}
	return room.pages.edit.RenderStatus(noStore{w}, r, status, view)
}

// newID draws an id for a part that may be added. It is drawn with the form, so that the form sent twice adds once.
func (room *Room) newID() (string, error) {
	id, err := store.NewID(room.o.Random)
	if err != nil {
		return "", err
	}
	return "p-" + id[:10], nil
}

func (room *Room) doEdit(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	id, part, done := dialogueOf(r), ID(form.Get("part")), "?done=saved"
	edit, err := strconv.Atoi(form.Get("edit"))
	if err != nil || edit < 0 {
		return page.Unreadable(errors.New("the form does not say when it was made"))
	}
	switch form.Get("do") {
	case "start":
		err = room.Start(r.Context(), actor, id)
	case "up", "down":
		err = room.Move(r.Context(), actor, id, edit, part, form.Get("do") == "up")
		done = "#" + url.PathEscape(string(part))
	case "remove":
		err = room.Remove(r.Context(), actor, id, edit, part)
	case "publish":
		err = room.Publish(r.Context(), actor, id, edit)
		done = "?done=published"
	default:
		return page.Unreadable(errors.New("the form does not say what to do"))
	}
	if err == nil {
		return r.Redirect(w, base(id)+"/edit"+done)
	}
	errs, err := page.Explain(r, err)
	if err != nil {
		return err
	}
	return room.renderEdit(w, r, actor, http.StatusConflict, errs)
}

// partView is the form of one part: a day, a sitting, an item, or the languages.
type partView struct {
	ID, Title, Base string
	Sample          bool
	Kind            string
	Heading         string
	Errors          page.FormErrors
	Theirs          []labelled // what somebody else made of it meanwhile
	Gone            bool       // or that they removed it
	Part, Under     string
	Rev             int
	Adding          bool
	Edit            int
	Fields          []field
	Panel           []panelFields
	Checks          *page.Field
	Preparation     bool
	ShowPreparation bool
}

type labelled struct{ Label, Text string }

// field is a field of a form, with which template shows it.
type field struct {
	page.Field
	Area bool
}

type panelFields struct {
	N, Place         int // counted from 0 in the form's names, from 1 for people
	Name, Role       page.Field
	Named, Moderator bool
}

func (room *Room) showPart(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	q := r.URL.Query()
	return room.renderPart(w, r, actor, http.StatusOK, q, nil, nil)
}

// partOf reads which part of the draft a form is about; a new one is empty.
func partOf(p *Programme, kind string, id ID) (part any, found bool) {
	switch kind {
	case "day":
		if d := p.day(id); d != nil {
			return *d, true
		}
		return Day{ID: id}, false
	case "sitting":
		if _, s := p.sitting(id); s != nil {
			return *s, true
		}
		return Sitting{ID: id}, false
	case "item":
		if _, it := p.item(id); it != nil {
			return *it, true
		}
		return Item{ID: id, Title: dialogue.Words{}}, false
	case "languages":
		return *p, true
	}
	return nil, false
}

// renderPart shows the form of a part. form says which; after a form that was not taken it also holds what was typed.
func (room *Room) renderPart(w http.ResponseWriter, r *page.Request, actor party.Actor, status int, form url.Values, errs page.FormErrors, overtaken *Overtaken) error {
	h, p, edit, _, _, err := room.draftOf(r, actor)
	if err != nil {
		return err
	}
	say := room.speak(r.Lang, h)
	kind, id := form.Get("kind"), ID(form.Get("part"))
	part, found := partOf(&p, kind, id)
	if part == nil || !found && id == "" {
		return page.NotFound()
	}
	v := partView{
		ID: string(h.ID), Title: say.of(h.Title, string(h.ID)), Base: base(h.ID), Sample: h.Sample, Kind: kind, Errors: errs,
		Part: string(id), Under: form.Get("under"), Adding: !found, Edit: edit,
	}
	v.Heading = say.text("programme.edit." + kind)
	if v.Adding {
		v.Heading = say.text("programme.add." + kind)
	}
	v.Rev = revOf(part)
	if r.Method == http.MethodPost {
		if overtaken != nil {
			v.Gone = overtaken.Theirs == nil
			if !v.Gone {
				v.Theirs = say.describe(overtaken.Theirs)
			}
		} else if v.Rev, err = strconv.Atoi(form.Get("rev")); err != nil {
			v.Rev = revOf(part)
		}
		part = readPart(kind, id, 0, form)
	}
	v.fields(say, part, form, errs)
	return room.pages.part.RenderStatus(noStore{w}, r, status, v)
}

func revOf(part any) int {
	switch part := part.(type) {
	case Day:
		return part.Rev
	case Sitting:
		return part.Rev
	case Item:
		return part.Rev
	case Programme:
		return part.Rev
	}
	return 0
}

// interpreted are the languages that can be chosen: the official ones of the United Nations.
var interpreted = []string{"ar", "zh", "en", "fr", "ru", "es"}

// blankRows is how many empty lines a panel's form has for more.
const blankRows = 2

// fields makes the fields of a part's form.
func (v *partView) fields(say voice, part any, form url.Values, errs page.FormErrors) {
	add := func(f page.Field, area bool) {
		f.Error = errs.Of(f.Name)
		v.Fields = append(v.Fields, field{f, area})
	}
	switch part := part.(type) {
	case Day:
		add(page.Field{Name: "date", Label: say.text("programme.date"), Type: "date", LTR: true, Value: part.Date}, false)
		v.ShowPreparation, v.Preparation = true, part.Preparation
	case Sitting:
		add(page.Field{Name: "start", Label: say.text("programme.start"), Hint: say.text("programme.time.hint", "Zone", city(say.zone)), Type: "time", LTR: true, Value: part.Start}, false)
		add(page.Field{Name: "end", Label: say.text("programme.end"), Type: "time", LTR: true, Value: part.End}, false)
		add(page.Field{Name: "room", Label: say.text("programme.room"), Type: "text", Optional: true, Max: maxLine, Value: part.Room}, false)
		add(page.Field{Name: "link", Label: say.text("programme.link"), Hint: say.text("programme.link.hint"), Type: "url", LTR: true, Optional: true, Max: maxLink, Value: part.Link}, false)
	case Item:
		for _, lang := range locale.Langs {
			add(page.Field{Name: "title-" + string(lang), Label: say.text("programme.title.in", "Lang", lang.Name()), Type: "text", Optional: lang != locale.English, Max: maxTitle, Value: part.Title[lang].Text}, false)
		}
		minutes := ""
		if part.Minutes != 0 {
			minutes = strconv.Itoa(part.Minutes)
		}
		if form.Has("minutes") {
			minutes = form.Get("minutes")
		}
		add(page.Field{Name: "minutes", Label: say.text("programme.minutes.field"), Type: "text", Inputmode: "numeric", LTR: true, Optional: true, Max: 4, Value: minutes}, false)
		for _, lang := range locale.Langs {
			var all []string
			for _, w := range part.Standing {
				all = append(all, w[lang].Text)
			}
			add(page.Field{Name: "standing-" + string(lang), Label: say.text("programme.standing.in", "Lang", lang.Name()), Hint: say.text("programme.standing.hint"), Optional: true, Rows: 3, Value: strings.Join(all, "\n")}, true)
		}
		for i := range min(len(part.Panel)+blankRows, maxPanel) {
			var one Panellist
			if i < len(part.Panel) {
				one = part.Panel[i]
			}
			name := fmt.Sprintf("panel-%d-", i)
			v.Panel = append(v.Panel, panelFields{
				i, i + 1,
				page.Field{Name: name + "name", Label: say.text("programme.panel.name"), Type: "text", Optional: true, Max: maxLine, Value: one.Name, Error: errs.Of(name + "name")},
				page.Field{Name: name + "role", Label: say.text("programme.panel.role"), Hint: say.text("programme.panel.role.hint"), Type: "text", Optional: true, Max: maxLine, Value: one.Role, Error: errs.Of(name + "role")},
				one.Named, one.Moderator,
			})
		}
	case Programme:
		f := page.Field{Name: "language", Label: say.text("programme.languages"), Hint: say.text("programme.languages.hint")}
		for _, tag := range interpreted {
			f.Choices = append(f.Choices, page.Choice{Value: tag, Text: say.languages([]string{tag})})
		}
		page.Choose(f.Choices, part.Languages...)
		v.Checks = &f
	}
}

// describe lists what a part says, for somebody who wrote something else.
func (v voice) describe(part any) []labelled {
	var all []labelled
	add := func(label, text string) {
		if text != "" {
			all = append(all, labelled{label, text})
		}
	}
	switch part := part.(type) {
	case Day:
		add(v.text("programme.date"), v.date(part.Date))
		if part.Preparation {
			add(v.text("programme.preparation"), v.text("programme.yes"))
		}
	case Sitting:
		add(v.text("programme.start"), part.Start)
		add(v.text("programme.end"), part.End)
		add(v.text("programme.room"), part.Room)
		add(v.text("programme.link"), part.Link)
	case Item:
		for _, lang := range locale.Langs {
			add(v.text("programme.title.in", "Lang", lang.Name()), part.Title[lang].Text)
		}
		if part.Minutes > 0 {
			add(v.text("programme.minutes.field"), strconv.Itoa(part.Minutes))
		}
		for _, p := range part.Panel {
			label := v.text("programme.panel.unnamed")
			if p.Named {
				label = v.text("programme.panel.named")
			}
			add(label, strings.Trim(p.Name+", "+p.Role, ", "))
		}
		for _, w := range part.Standing {
			add(v.text("programme.standing"), v.of(w, ""))
		}
	case Programme:
		add(v.text("programme.languages"), v.languages(part.Languages))
	}
	return all
}

// readPart reads a part from its form.
func readPart(kind string, id ID, rev int, form url.Values) any {
	switch kind {
	case "day":
		return Day{ID: id, Rev: rev, Date: strings.TrimSpace(form.Get("date")), Preparation: form.Get("preparation") == "yes"}
	case "sitting":
		return Sitting{ID: id, Rev: rev, Start: form.Get("start"), End: form.Get("end"), Room: form.Get("room"), Link: form.Get("link")}
	case "item":
		return readItem(id, rev, form)
	case "languages":
		p := Programme{Rev: rev}
		for _, tag := range interpreted {
			if slices.Contains(form["language"], tag) {
				p.Languages = append(p.Languages, tag)
			}
		}
		return p
	}
	return nil
}

// editors is the status of what is typed on these pages.
const editors = "editors"

func readItem(id ID, rev int, form url.Values) Item {
	it := Item{ID: id, Rev: rev, Title: dialogue.Words{}}
	for _, lang := range locale.Langs {
		if text := strings.TrimSpace(form.Get("title-" + string(lang))); text != "" {
			it.Title[lang] = dialogue.Wording{Text: text, Status: editors}
		}
		// The lines of the languages belong together by their order.
		for i, text := range strings.Split(strings.ReplaceAll(strings.TrimSpace(form.Get("standing-"+string(lang))), "\r\n", "\n"), "\n") {
			if i > maxStanding {
				break
			}
			for len(it.Standing) <= i {
				it.Standing = append(it.Standing, dialogue.Words{})
			}
			if text = strings.TrimSpace(text); text != "" {
				it.Standing[i][lang] = dialogue.Wording{Text: text, Status: editors}
			}
		}
	}
	it.Standing = slices.DeleteFunc(it.Standing, func(w dialogue.Words) bool { return len(w) == 0 })
	if len(it.Standing) == 0 {
		it.Standing = nil
	}
	if text := strings.TrimSpace(form.Get("minutes")); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			n = -1 // named by the check
		}
		it.Minutes = n
	}
	for i := range maxPanel + 1 {
		name := fmt.Sprintf("panel-%d-", i)
		p := Panellist{
			Name: strings.TrimSpace(form.Get(name + "name")), Role: strings.TrimSpace(form.Get(name + "role")),
			Named: form.Get(name+"named") == "yes", Moderator: form.Get(name+"moderator") == "yes",
		}
		if p.Name != "" || p.Role != "" || p.Named {
			it.Panel = append(it.Panel, p)
		}
	}
	return it
}

func (room *Room) doPart(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	rev, err := strconv.Atoi(form.Get("rev"))
	if err != nil || rev < 0 {
		return page.Unreadable(errors.New("the form does not say what it was made from"))
	}
	id, kind := dialogueOf(r), form.Get("kind")
	part := readPart(kind, ID(form.Get("part")), rev, form)
	if part == nil {
		return page.Unreadable(fmt.Errorf("a programme has no %q", kind))
	}
	err = room.Save(r.Context(), actor, id, ID(form.Get("under")), part)
	var overtaken *Overtaken
	if errors.As(err, &overtaken) {
		return room.renderPart(w, r, actor, http.StatusConflict, form, nil, overtaken)
	}
	if err == nil {
		return r.Redirect(w, base(id)+"/edit?done=saved#"+url.PathEscape(form.Get("part")))
	}
	errs, err := page.Explain(r, err)
	if err != nil {
		return err
	}
	return room.renderPart(w, r, actor, http.StatusUnprocessableEntity, form, errs, nil)
}
