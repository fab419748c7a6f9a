package summary

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"rostrum.example/format/docx"
	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/fileproblem"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
	"rostrum.example/internal/text"
)

// versionsView lists the versions of the text and compares two of them.
type versionsView struct {
	headView
	Edit     int
	Note     page.Field
	Versions []versionView
	From, To page.Field
	Compared bool
	Changes  []changeView
	Nothing  bool
	Langs    []page.Choice
	File     string // what is wrong with a file that was handed in
}

type versionView struct {
	Number     int
	When, Note string
	Signed     []string
	MaySign    bool
	Path       string
	Langs      []page.Choice
}

// changeView is what happened to one part between two versions.
type changeView struct {
	Name   string
	What   []string
	Lines  []redlineView
	Quotes []quoteView
	Path   string
}

func (room *Room) showVersions(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	return room.renderVersions(w, r, http.StatusOK, actor, url.Values{}, nil)
}

func (room *Room) takeVersion(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	id := dialogueOf(r)
	done := "fixed"
	if number, bad := strconv.Atoi(form.Get("sign")); bad == nil {
		done, err = "signed", room.Sign(r.Context(), actor, id, number)
	} else {
		edit, _ := strconv.Atoi(form.Get("edit"))
		err = room.Fix(r.Context(), actor, id, edit, form.Get("note"))
	}
	if err != nil {
		errs, err := party.Explain(r, err)
		if err != nil {
			return err
		}
		return room.renderVersions(w, r, http.StatusUnprocessableEntity, actor, form, errs)
	}
	return r.Redirect(w, desk(id)+"/versions?done="+done)
}

// Fix makes a version of the draft as of edit.
func (room *Room) Fix(ctx context.Context, actor party.Actor, id dialogue.ID, edit int, note string) error {
	note, err := line("note", note, maxReason)
	if err != nil {
		return err
	}
	return room.edit(ctx, actor, id, func(tx *store.Tx, _ Held, s summary) error {
		_, err := room.texts.Fix(tx, s.Doc, edit, note, actor.Person)
		return err
	})
}

func (room *Room) renderVersions(w http.ResponseWriter, r *page.Request, status int, actor party.Actor, form url.Values, errs page.FormErrors) error {
	d, err := room.begun(r, actor)
	if err != nil {
		return err
	}
	v := versionsView{Edit: d.Edit}
	if v.headView, err = room.head(r, actor, d, "versions"); err != nil {
		return err
	}
	if v.Done == "" {
		v.Done = page.Done(r, []string{"fixed", "signed"}, "summary.done.")
	}
	v.Errors = errs
	v.Note = page.Field{Name: "note", Label: r.Text("summary.version.note"), Hint: r.Text("summary.version.note.hint"), Type: "text", Max: maxReason, Optional: true, Value: form.Get("note"), Error: errs.Of("note")}
	from, to := number(r.URL.Query().Get("from")), number(r.URL.Query().Get("to"))
	var before, after *text.Document
	err = room.o.DB.Read(r.Context(), func(tx *store.Tx) error {
		v.Versions = nil
		all, err := room.texts.Versions(tx, d.Doc)
		if err != nil {
			return err
		}
		signatures, err := room.texts.Signatures(tx, d.Doc)
		if err != nil {
			return err
		}
		for _, f := range all {
			one := versionView{Number: f.Number, When: r.Instant(f.At.In(d.Zone)), Note: f.Note, Path: fmt.Sprintf("%s/versions/%d/draft.docx", desk(d.id()), f.Number), MaySign: v.MayPublish, Langs: langChoices(d.Langs)}
			for _, s := range signatures {
				if s.Version == f.Number && s.Withdrawn.IsZero() {
					one.Signed = append(one.Signed, r.Text("summary.signed", "At", r.Instant(s.At.In(d.Zone))))
					one.MaySign = one.MaySign && s.By.Person != actor.Person
				}
			}
			v.Versions = append(v.Versions, one)
		}
		if from == 0 {
			return nil
		}
		if _, before, err = room.texts.Version(tx, d.Doc, from); err != nil {
			return err
		}
		after = d.doc()
		if to > 0 {
			_, after, err = room.texts.Version(tx, d.Doc, to)
		}
		return err
	})
	if err != nil {
		return notFound(err)
	}
	v.From = page.Field{Name: "from", Label: r.Text("summary.compare.from")}
	v.To = page.Field{Name: "to", Label: r.Text("summary.compare.to"), Choices: []page.Choice{{Value: "0", Text: r.Text("summary.compare.draft")}}}
	for _, one := range v.Versions {
		c := page.Choice{Value: strconv.Itoa(one.Number), Text: r.Text("summary.version", "N", one.Number)}
		v.From.Choices, v.To.Choices = append(v.From.Choices, c), append(v.To.Choices, c)
	}
	page.Choose(v.From.Choices, strconv.Itoa(from))
	page.Choose(v.To.Choices, strconv.Itoa(to))
	if before != nil {
		v.Compared = true
		v.Changes = room.changes(r, d, before, after)
		v.Nothing = len(v.Changes) == 0
	}
	return room.pages.versions.RenderStatus(noStore{w}, r, status, v)
}

func number(s string) int {
	n, _ := strconv.Atoi(s)
	return max(n, 0)
}

func langChoices(langs []locale.Lang) []page.Choice {
	var all []page.Choice
	for _, l := range langs {
		all = append(all, page.Choice{Value: string(l), Text: langName(l)})
	}
	return all
}

// changes puts a comparison into words.
func (room *Room) changes(r *page.Request, d *draft, before, after *text.Document) []changeView {
	c := text.Compare(before, after)
	var all []changeView
	lines := func(changes text.Redlines) []redlineView {
		var views []redlineView
		for _, lang := range Langs {
			if line, ok := changes[lang]; ok {
				views = append(views, redlineView{langName(lang), lang, lang.Dir(), line})
			}
		}
		return views
	}
	if len(c.Title) > 0 {
		all = append(all, changeView{Name: r.Text("summary.part.title"), Lines: lines(c.Title)})
	}
	for _, p := range c.Parts {
		v := changeView{Lines: lines(p.Words)}
		section := after.Section(p.Section)
		if section == nil {
			section = before.Section(p.Section)
		}
		heading := ""
		if section != nil {
			w, _ := section.Heading.In(r.Lang, d.Lang)
			heading = isolate(w.Text)
		}
		if v.Name = r.Text("summary.part.section", "Section", heading); p.Block != "" {
			v.Name = r.Text("summary.part.block", "Section", heading)
			if b, _ := d.doc().Block(p.Block); b != nil {
				v.Path = desk(d.id()) + "/blocks/" + string(p.Block)
			}
		}
		for _, one := range []struct {
			is  bool
			key string
		}{{p.Added, "added"}, {p.Removed, "removed"}, {p.Moved, "moved"}, {len(p.Cited) > 0, "cited"}, {len(p.Uncited) > 0, "uncited"}} {
			if one.is {
				v.What = append(v.What, r.Text("summary.change."+one.key))
			}
		}
		for _, f := range p.Fields {
			v.What = append(v.What, r.Text("summary.field."+f, "Lang", ""))
		}
		for _, q := range slices.Concat(p.Cited, p.Uncited) {
			v.Quotes = append(v.Quotes, room.quoteView(r, d, q, 160))
		}
		all = append(all, v)
	}
	for _, list := range []struct {
		ids []string
		key string
	}{{c.Omitted, "omitted"}, {c.Readmitted, "readmitted"}} {
		if len(list.ids) > 0 {
			all = append(all, changeView{Name: r.Text("summary.part.omissions"), What: []string{r.Text("summary.change."+list.key) + ": " + strconv.Itoa(len(list.ids))}})
		}
	}
	return all
}

// export makes the file of a version, always the same: its comments are those that stood when it was fixed.
func (room *Room) export(tx *store.Tx, d *draft, fixed text.Fixed, doc *text.Document, lang locale.Lang, translate bool) (*text.Export, error) {
	comments, err := room.texts.Comments(tx, d.Doc)
	if err != nil {
		return nil, err
	}
	comments = slices.DeleteFunc(comments, func(c text.Comment) bool { return c.At.After(fixed.At) })
	for i := range comments {
		if comments[i].Resolved.After(fixed.At) {
			comments[i].Resolved = time.Time{}
		}
	}
	o := text.ExportOptions{
		Version: fixed.Number, Lang: lang, Translate: translate, Comments: comments, Names: func(a text.Author) string { return a.Name },
		Source: func(q text.Citation) string { return q.Source },
		Aside: func(b *text.Block) []string {
			if b.Asks == nil {
				return nil
			}
			var lines []string
			for _, one := range []struct {
				key, said string
			}{{"summary.asks.actor", wordsOf(b.Asks.Actor, lang, doc.Lang)}, {"summary.asks.measure", wordsOf(b.Asks.Measure, lang, doc.Lang)}, {"summary.asks.date", b.Asks.Date}} {
				if one.said != "" {
					lines = append(lines, room.say(lang, one.key)+": "+one.said)
				}
			}
			return lines
		},
		Footer: "\t{page} / {pages}",
	}
	if d.Held.Sample {
		o.Header = room.say(lang, "page.sample")
	}
	return text.NewExport(doc, o), nil
}

func wordsOf(w text.Words, lang, own locale.Lang) string {
	one, _ := w.In(lang, own)
	return one.Text
}

// showDraft gives a version as a file to be worked on, or compared with an earlier one.
func (room *Room) showDraft(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	d, err := room.begun(r, actor)
	if err != nil {
		return err
	}
	version, lang := number(r.PathValue("number")), locale.Lang(r.URL.Query().Get("lang"))
	if !slices.Contains(d.Langs, lang) {
		lang = d.Lang
	}
	var body bytes.Buffer
	err = room.o.DB.Read(r.Context(), func(tx *store.Tx) error {
		body.Reset()
		fixed, doc, err := room.texts.Version(tx, d.Doc, version)
		if err != nil {
			return err
		}
		e, err := room.export(tx, d, fixed, doc, lang, lang != doc.Lang)
		if err != nil {
			return err
		}
		return docx.Write(&body, e.File)
	})
	if err != nil {
		return notFound(err)
	}
	return page.Download(noStore{w}, fmt.Sprintf("%s-summary-draft-%d-%s.docx", d.id(), version, lang), docxType, body.Bytes())
}

// returnedView tells what came back in a file.
type returnedView struct {
	headView
	Version     int
	Lang        string
	Suggestions int
	Comments    int
	Twice       int
	Unplaced    []unplacedView
	Notices     []string
}

type unplacedView struct {
	Why, Text, Author string
}

// maxFile bounds a file that comes back, in bytes.
const maxFile = 20 << 20

// takeReturned takes a file in that left as a version: what people did to it becomes suggestions and comments.
func (room *Room) takeReturned(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	d, err := room.begun(r, actor)
	if err != nil {
		return err
	}
	if err := room.may(actor, d.Held); err != nil {
		return err
	}
	refuse := func(said string) error {
		return room.renderVersions(w, r, http.StatusUnprocessableEntity, actor, url.Values{}, page.FormErrors{{Field: "file", Href: "#file", Text: said}})
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxFile+maxForm)
	file, _, err := r.FormFile("file")
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return refuse(r.Text("summary.file.large", "Max", maxFile>>20))
	}
	if err != nil {
		return refuse(r.Text("summary.file.missing"))
	}
	defer file.Close()
	limits := docx.DefaultLimits()
	limits.File = maxFile
	back, err := limits.Read(file)
	var wrong *docx.Problem
	if errors.As(err, &wrong) {
		return refuse(fileproblem.Docx(room.o.Catalogues, r.Lang, *wrong))
	}
	if err != nil {
		return page.Unreadable(err)
	}
	v := returnedView{}
	stamp, marked := text.Identify(back)
	if !marked || stamp.Document != d.Doc || stamp.Comparison || stamp.Version < 1 {
		return refuse(r.Text("summary.file.other"))
	}
	var out *text.Returned
	err = room.o.DB.Write(r.Context(), func(tx *store.Tx) error {
		fixed, doc, err := room.texts.Version(tx, d.Doc, stamp.Version)
		if err != nil {
			return err
		}
		e, err := room.export(tx, d, fixed, doc, stamp.Lang, stamp.Translate)
		if err != nil {
			return err
		}
		if out, err = e.TakeBack(back); err != nil {
			return err
		}
		if _, v.Suggestions, err = room.texts.Suggest(tx, d.Doc, out.Suggestions); err != nil {
			return err
		}
		_, v.Comments, err = room.texts.Comment(tx, d.Doc, out.Comments)
		return err
	})
	var other *text.WrongFileError
	var problems text.Problems
	switch {
	case errors.As(err, &other), errors.Is(err, text.ErrNotFound):
		return refuse(r.Text("summary.file.other"))
	case errors.As(err, &problems):
		return refuse(r.Text("summary.file.unfit"))
	case err != nil:
		return err
	}
	v.Twice = len(out.Suggestions) + len(out.Comments) - v.Suggestions - v.Comments
	if v.headView, err = room.head(r, actor, d, "versions"); err != nil {
		return err
	}
	v.Version, v.Lang = stamp.Version, langName(stamp.Lang)
	for _, u := range out.Unplaced {
		v.Unplaced = append(v.Unplaced, unplacedView{r.Text("summary.unplaced." + string(u.Code)), short(u.Text, 400), u.Author})
	}
	for _, n := range out.Notices {
		v.Notices = append(v.Notices, fileproblem.Docx(room.o.Catalogues, r.Lang, n))
	}
	return room.pages.returned.Render(noStore{w}, r, v)
}
