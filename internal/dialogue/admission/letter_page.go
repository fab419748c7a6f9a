package admission

import (
	"bytes"
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"rostrum.example/format/docx"
	"rostrum.example/format/spreadsheet"
	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/dialogue/application"
	"rostrum.example/internal/dialogue/cycle"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

const docxType = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

type papersView struct {
	head
	Letters   []paperLine
	Lists     []tab
	Templates bool
	Travel    page.Field
	Asked     int
	Received  int
}

type paperLine struct {
	Path, Name, Hint string
	N                int
}

func (room *Room) showPapers(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	return room.renderPapers(w, r, http.StatusOK, actor, nil, nil)
}

func (room *Room) renderPapers(w http.ResponseWriter, r *page.Request, status int, actor party.Actor, typed url.Values, errs page.FormErrors) error {
	var v papersView
	err := room.atDesk(r, actor, func(tx *store.Tx, d *cycle.Dialogue) error {
		v = papersView{head: room.head(r, actor, d, "papers"), Templates: mayPrint(actor) == nil}
		v.Errors = errs
		for _, l := range letters {
			all, err := room.addressees(tx, d, l)
			if err != nil {
				return err
			}
			v.Letters = append(v.Letters, paperLine{v.Path + "/papers/" + string(l), r.Text("admission.letter." + string(l)), r.Text("admission.letter." + string(l) + ".hint"), len(all)})
		}
		for _, name := range []string{"participants", "speakers", "travel", "donors"} {
			v.Lists = append(v.Lists, tab{v.Path + "/lists/" + name, r.Text("admission.list." + name), false})
		}
		until := cmp.Or(typed.Get("until"), locale.DateOf(room.o.Clock().In(d.Location()).AddDate(0, 0, replyDays)).String())
		v.Travel = page.Field{Name: "until", Label: r.Text("admission.travel.until"), Type: "date", LTR: true, Value: until, Error: errs.Of("until")}
		asked, err := room.o.Applications.TravelRequests(tx, d.ID)
		for _, q := range asked {
			v.Asked++
			v.Received += number(!q.SealedAt.IsZero())
		}
		return err
	})
	if err != nil {
		return err
	}
	return room.pages.papers.RenderStatus(w, r, status, v)
}

// askTravel asks the persons of every organisation that was admitted, and whose persons have not sent their travel data, for
// them. It tells how many were asked.
func (room *Room) askTravel(r *page.Request, actor party.Actor, until string) (n int, err error) {
	err = room.o.DB.Write(r.Context(), func(tx *store.Tx) error {
		n = 0
		d, err := room.checking(tx, actor, dialogue.ID(r.PathValue("dialogue")))
		if err != nil {
			return err
		}
		last, err := readDay("until", until)
		if err != nil {
			return err
		}
		end := time.Date(last.Year, last.Month, last.Day+1, 0, 0, 0, 0, d.Location())
		if !end.After(room.o.Clock()) {
			return invalid("until", "admission.objection.late")
		}
		all, err := room.addressees(tx, d, Acceptance)
		if err != nil {
			return err
		}
		before, err := room.o.Applications.TravelRequests(tx, d.ID)
		if err != nil {
			return err
		}
		for _, x := range all {
			if slices.ContainsFunc(before, func(q application.TravelRequest) bool { return q.Application == x.a.ID && !q.SealedAt.IsZero() }) {
				continue
			}
			asked, err := room.o.Applications.RequestTravel(tx, x.a, x.m, end)
			if err != nil {
				return err
			}
			n += len(asked)
		}
		return nil
	})
	return n, err
}

func (room *Room) doTravel(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	if _, err := room.askTravel(r, actor, form.Get("until")); err != nil {
		errs, err := explain(r, err)
		if err != nil {
			return err
		}
		return room.renderPapers(w, r, http.StatusUnprocessableEntity, actor, form, errs)
	}
	return r.Redirect(w, deskPath(dialogue.ID(r.PathValue("dialogue")))+"/papers?done=travel")
}

type lettersView struct {
	head
	Letter      Letter
	Name, Hint  string
	Certificate bool
	Persons     bool // it goes to persons
	Rows        []letterLine
	Preview     []string
	PreviewLang locale.Lang
	PreviewDir  string
}

type letterLine struct {
	ID, Name, Body, Lang string
	Sent                 *page.When
	Unreachable          bool
	Number               string
	Ticked               bool
}

// letterOf reads the kind of letter from the address.
func letterOf(r *page.Request) (Letter, error) {
	l := Letter(r.PathValue("letter"))
	if !slices.Contains(letters, l) {
		return "", page.NotFound()
	}
	return l, nil
}

func (room *Room) showLetters(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	if id := r.URL.Query().Get("one"); id != "" {
		return room.giveLetter(w, r, actor, id)
	}
	return room.renderLetters(w, r, http.StatusOK, actor, nil, nil)
}

func (room *Room) renderLetters(w http.ResponseWriter, r *page.Request, status int, actor party.Actor, typed url.Values, errs page.FormErrors) error {
	l, err := letterOf(r)
	if err != nil {
		return err
	}
	var v lettersView
	err = room.atDesk(r, actor, func(tx *store.Tx, d *cycle.Dialogue) error {
		v = lettersView{head: room.head(r, actor, d, "papers"), Letter: l, Name: r.Text("admission.letter." + string(l)), Hint: r.Text("admission.letter." + string(l) + ".hint"),
			Certificate: l == Certificate, Persons: l.toPersons()}
		v.Errors = errs
		all, err := room.addressees(tx, d, l)
		if err != nil {
			return err
		}
		made, err := room.madeFor(tx, d.ID, l)
		if err != nil {
			return err
		}
		for _, x := range all {
			line := letterLine{ID: x.id(), Name: x.name(), Lang: x.lang().Name(), Unreachable: x.email() == "", Ticked: slices.Contains(typed["to"], x.id())}
			if x.p != nil {
				line.Body, line.Number = x.p.Body, x.p.Certificate
			}
			if at, ok := made[x.id()]; ok {
				when := r.When(at, d.Location())
				line.Sent = &when
			}
			v.Rows = append(v.Rows, line)
		}
		if len(all) == 0 {
			return nil
		}
		v.PreviewLang, v.PreviewDir = all[0].lang(), all[0].lang().Dir()
		body, err := room.press(d, l).letter(tx, all[0])
		if err != nil {
			return err
		}
		v.Preview, err = paragraphs(body)
		return err
	})
	if err != nil {
		return err
	}
	return room.pages.letters.RenderStatus(w, r, status, v)
}

// paragraphs gives the words of a document, to be looked at.
func paragraphs(body []byte) ([]string, error) {
	d, err := docx.Read(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	var all []string
	for p := range d.Paragraphs() {
		var b strings.Builder
		for _, run := range p.Runs {
			b.WriteString(run.Text)
		}
		if b.Len() > 0 {
			all = append(all, b.String())
		}
	}
	return all, nil
}

func (room *Room) giveLetter(w http.ResponseWriter, r *page.Request, actor party.Actor, id string) error {
	l, err := letterOf(r)
	if err != nil {
		return err
	}
	var body []byte
	var name string
	err = room.atDesk(r, actor, func(tx *store.Tx, d *cycle.Dialogue) error {
		all, err := room.addressees(tx, d, l)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(x addressee) bool { return x.id() == id })
		if i < 0 {
			return page.NotFound()
		}
		name = fileName(l, all[i])
		body, err = room.press(d, l).letter(tx, all[i])
		return err
	})
	if err != nil {
		return err
	}
	return download(w, name, docxType, body)
}

func (room *Room) doLetters(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	l, err := letterOf(r)
	if err != nil {
		return err
	}
	form, err := page.ReadForm(w, r, 1<<20)
	if err != nil {
		return err
	}
	to, id := form["to"], dialogue.ID(r.PathValue("dialogue"))
	path := deskPath(id) + "/papers/" + string(l)
	if len(to) == 0 {
		errs, err := explain(r, invalid("to", "admission.letter.nobody"))
		if err != nil {
			return err
		}
		return room.renderLetters(w, r, http.StatusUnprocessableEntity, actor, form, errs)
	}
	switch form.Get("act") {
	case "send", "attach":
		_, err = room.SendLetters(r.Context(), actor, id, l, to, Delivery{Attached: form.Get("act") == "attach"})
		if err == nil {
			return r.Redirect(w, path+"?done=sent")
		}
	case "issue":
		if l != Certificate {
			return page.NotFound()
		}
		_, err = room.IssueCertificates(r.Context(), actor, id, to)
		if err == nil {
			return r.Redirect(w, path+"?done=certificates")
		}
	case "zip":
		err = room.giveZip(w, r, actor, l, to)
	case "merge":
		err = room.giveMerge(w, r, actor, l, to)
	default:
		return page.Unreadable(nil)
	}
	return found(err)
}

// chosen reads the addressees that were ticked.
func (room *Room) chosen(tx *store.Tx, d *cycle.Dialogue, l Letter, to []string) ([]addressee, error) {
	all, err := room.addressees(tx, d, l)
	return slices.DeleteFunc(all, func(x addressee) bool {
		return !slices.Contains(to, x.id()) || l == Certificate && x.p.Certificate == ""
	}), err
}

func (room *Room) giveZip(w http.ResponseWriter, r *page.Request, actor party.Actor, l Letter, to []string) error {
	var body []byte
	var id dialogue.ID
	err := room.atDesk(r, actor, func(tx *store.Tx, d *cycle.Dialogue) error {
		id = d.ID
		all, err := room.chosen(tx, d, l, to)
		if err == nil {
			body, err = room.zipLetters(tx, room.press(d, l), all)
		}
		return err
	})
	if err != nil {
		return err
	}
	return download(w, string(id)+"-"+string(l)+".zip", "application/zip", body)
}

// giveMerge gives the values of letters as a table with one row for each: a mail merge.
func (room *Room) giveMerge(w http.ResponseWriter, r *page.Request, actor party.Actor, l Letter, to []string) error {
	var sheet spreadsheet.Table
	var id dialogue.ID
	err := room.atDesk(r, actor, func(tx *store.Tx, d *cycle.Dialogue) error {
		id = d.ID
		all, err := room.chosen(tx, d, l, to)
		if err != nil {
			return err
		}
		fields := append([]string{"email", "language"}, slices.DeleteFunc(fieldsOf(l), func(f string) bool {
			return f == "persons" || l == Acceptance && (f == "person" || f == "name" || f == "function" || f == "mode")
		})...)
		if l == Acceptance {
			fields = append(fields, "persons")
		}
		sheet = spreadsheet.Table{Name: r.Text("admission.letter." + string(l))}
		for _, f := range fields {
			sheet.Columns = append(sheet.Columns, spreadsheet.Column{Name: f})
		}
		// A sample says so in the column sample of each row: a merge takes the first row for a letter.
		for _, x := range all {
			if err := room.addDecision(tx, d, &x); err != nil {
				return err
			}
			v := room.letterValues(d, l, x, room.o.Clock())
			v.Text["email"], v.Text["language"] = string(x.email()), string(x.lang())
			var persons []string
			for _, p := range v.Lists["persons"] {
				persons = append(persons, p.Text["person"])
			}
			v.Text["persons"] = strings.Join(persons, "; ")
			var cells []spreadsheet.Cell
			for _, f := range fields {
				cells = append(cells, textCell(v.Text[f]))
			}
			sheet.Rows = append(sheet.Rows, cells)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return room.sendSheet(w, r, string(id)+"-"+string(l), sheet)
}

type templatesView struct {
	Errors  page.FormErrors
	Done    string
	Letters []templateLine
	Letter  page.Field
	Lang    page.Field
}

type templateLine struct {
	Name   string
	Letter Letter
	Fields []string
	Langs  []templateLang
}

type templateLang struct {
	Lang       locale.Lang
	Name, File string
	Own        bool
}

func (room *Room) showTemplates(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	return room.renderTemplates(w, r, http.StatusOK, actor, nil, nil)
}

func (room *Room) renderTemplates(w http.ResponseWriter, r *page.Request, status int, actor party.Actor, typed url.Values, errs page.FormErrors) error {
	if err := mayPrint(actor); err != nil {
		return err
	}
	v := templatesView{Errors: errs, Done: page.Done(r, dones, "admission.done."),
		Letter: page.Field{Name: "letter", Label: r.Text("admission.template.letter")}, Lang: page.Field{Name: "lang", Label: r.Text("admission.template.lang")}}
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) error {
		for _, l := range letters {
			line := templateLine{Name: r.Text("admission.letter." + string(l)), Letter: l, Fields: fieldsOf(l)}
			for _, lang := range locale.Langs {
				t, err := room.newestTemplate(tx, l, lang)
				if err != nil {
					return err
				}
				line.Langs = append(line.Langs, templateLang{lang, lang.Name(), t.Name, t.ID != ""})
			}
			v.Letters = append(v.Letters, line)
			v.Letter.Choices = append(v.Letter.Choices, page.Choice{Value: string(l), Text: line.Name, Chosen: typed.Get("letter") == string(l)})
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, lang := range locale.Langs {
		v.Lang.Choices = append(v.Lang.Choices, page.Choice{Value: string(lang), Text: lang.Name(), Chosen: cmp.Or(typed.Get("lang"), string(r.Lang)) == string(lang)})
	}
	return room.pages.templates.RenderStatus(w, r, status, v)
}

func (room *Room) doTemplate(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	name, data, form, err := upload(w, r, maxTemplate)
	done := "template"
	if form.Get("act") == "builtin" {
		data, err, done = nil, nil, "templatedropped"
	}
	if err == nil {
		err = room.SetTemplate(r.Context(), actor, Letter(form.Get("letter")), locale.Lang(form.Get("lang")), name, data)
	}
	if err != nil {
		errs, err := explain(r, err)
		if err != nil {
			return err
		}
		return room.renderTemplates(w, r, http.StatusUnprocessableEntity, actor, form, errs)
	}
	return r.Redirect(w, "/desk/letters?done="+done)
}

// downloadTemplate gives the template in use, to begin one's own from.
func (room *Room) downloadTemplate(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	if err := mayPrint(actor); err != nil {
		return err
	}
	l, err := letterOf(r)
	lang := locale.Lang(r.PathValue("lang"))
	if err != nil || !lang.Known() {
		return page.NotFound()
	}
	var body []byte
	err = room.o.DB.Read(r.Context(), func(tx *store.Tx) error {
		t, err := room.newestTemplate(tx, l, lang)
		body = t.Body
		return err
	})
	if err == nil && len(body) == 0 {
		body, err = room.builtInFile(l, lang)
	}
	if err != nil {
		return err
	}
	return download(w, string(l)+"-"+string(lang)+".docx", docxType, body)
}
