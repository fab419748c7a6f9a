package summary

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"rostrum.example/internal/page"
	"rostrum.example/internal/store"
	"rostrum.example/internal/text"
)

// commentView is the draft for somebody who was asked for comments, without an account.
type commentView struct {
	Errors       page.FormErrors
	Done         string
	Sample, Open bool
	Key          string
	Title        wordsView
	Who          string
	Deadline     page.When
	Quoted       int
	Sections     []commentedSection
	General      page.Field
	Others       []threadView // about the whole
	Nothing      bool         // they said so, or answered
	Published    string
}

type commentedSection struct {
	Heading wordsView
	Blocks  []commentedBlock
}

type commentedBlock struct {
	ID      string
	Number  int
	Kind    Kind
	Words   wordsView
	Lines   []string
	Mine    []wordsView // their words that it quotes
	Form    *commentForm
	Path    string
	Threads []threadView
	Changes []suggestionView
}

type commentForm struct {
	Comment, Words page.Field
}

func (room *Room) showComment(w http.ResponseWriter, r *page.Request) error {
	return room.renderComment(w, r, http.StatusOK, r.URL.Query().Get("key"), r.URL.Query().Get("block"), nil, nil)
}

func (room *Room) takeComment(w http.ResponseWriter, r *page.Request) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	key, block := form.Get("key"), form.Get("block")
	p := reply{Part: text.BlockID(block), Nothing: form.Get("do") == "nothing"}
	var errs [2]error
	p.Comment, errs[0] = typed("comment", lines(form.Get("comment")), maxReply)
	p.Words, errs[1] = typed("words", lines(form.Get("words")), maxWords)
	if err = page.Collect(errs[:]...); err == nil {
		err = room.Reply(r.Context(), key, p)
	}
	if err != nil {
		errs, err := page.Explain(r, err)
		if err != nil {
			return err
		}
		return room.renderComment(w, r, http.StatusUnprocessableEntity, key, block, form, errs)
	}
	to := "/summary/comment?" + url.Values{"key": {key}, "done": {"sent"}}.Encode()
	if block != "" {
		to += "#b-" + block
	}
	return r.Redirect(w, to)
}

func (room *Room) renderComment(w http.ResponseWriter, r *page.Request, status int, key, block string, form url.Values, errs page.FormErrors) error {
	var at *visit
	var comments []text.Comment
	var suggestions []text.Suggestion
	var own map[string]bool
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if at, err = room.follow(tx, key); err != nil {
			return err
		}
		if own, err = room.own(tx, at.held.ID, at.in.ID); err != nil {
			return err
		}
		if comments, err = room.texts.Comments(tx, at.summary.Doc); err != nil {
			return err
		}
		suggestions, err = room.texts.Suggestions(tx, at.summary.Doc)
		return err
	})
	if err != nil {
		return err
	}
	d := &draft{Held: at.held, summary: at.summary, Draft: &text.Draft{Document: *at.doc}, source: map[string]*Source{}}
	v := commentView{
		Errors: errs, Done: page.Done(r, []string{"sent"}, "summary.done."), Sample: at.held.Sample, Open: at.open, Key: key,
		Title: wordsIn(r, at.doc.Title, at.doc.Lang, ""), Who: isolate(at.in.Who.Name), Deadline: r.When(at.ends, at.held.Zone), Nothing: !at.in.Answered.IsZero(),
	}
	if at.summary.Published > 0 {
		v.Published = Path(at.held.ID)
	}
	numbers := d.numbers()
	comments = slices.DeleteFunc(comments, func(c text.Comment) bool {
		return !own[string(c.ID)] && !own[string(c.Thread)]
	})
	mine := threads(r, d, comments, numbers)
	for i := range mine {
		mine[i].Path = "" // leads to the desk
	}
	part := map[string]string{}
	for _, c := range comments {
		part[string(c.ID)] = c.Part
	}
	for i := range at.doc.Sections {
		s := &at.doc.Sections[i]
		if len(s.Blocks) == 0 {
			continue
		}
		section := commentedSection{Heading: wordsIn(r, s.Heading, at.doc.Lang, "")}
		for j := range s.Blocks {
			b := &s.Blocks[j]
			words := b.Text[at.doc.Lang]
			one := commentedBlock{
				ID: string(b.ID), Number: numbers[b.ID], Kind: KindOf(b), Words: wordsView{Text: words.Text, Lang: at.doc.Lang, Dir: at.doc.Lang.Dir()},
				Lines: strings.FieldsFunc(words.Text, func(c rune) bool { return c == '\n' }),
				Path:  "/summary/comment?" + url.Values{"key": {key}, "block": {string(b.ID)}}.Encode() + "#b-" + string(b.ID),
			}
			for _, q := range b.Citations {
				if slices.Contains(at.sources, q.Source) {
					one.Mine = append(one.Mine, wordsView{Text: q.Quote.Exact, Lang: q.Lang, Dir: q.Lang.Dir()})
					v.Quoted++
				}
			}
			for _, t := range mine {
				if part[t.ID] == string(b.ID) {
					one.Threads = append(one.Threads, t)
				}
			}
			for k := range suggestions {
				if g := &suggestions[k]; own[string(g.ID)] && g.Part == string(b.ID) {
					one.Changes = append(one.Changes, room.suggestionView(r, d, g, numbers))
				}
			}
			if at.open && block == string(b.ID) {
				one.Form = &commentForm{
					Comment: page.Field{Name: "comment", Label: r.Text("summary.comment"), Rows: 4, Max: maxReply, Value: form.Get("comment"), Error: errs.Of("comment")},
					Words:   page.Field{Name: "words", Label: r.Text("summary.comment.words"), Hint: r.Text("summary.comment.words.hint"), Rows: 6, Value: words.Text, Error: errs.Of("words")},
				}
				if form.Has("words") {
					one.Form.Words.Value = form.Get("words")
				}
			}
			section.Blocks = append(section.Blocks, one)
		}
		v.Sections = append(v.Sections, section)
	}
	for _, t := range mine {
		if part[t.ID] == "" {
			v.Others = append(v.Others, t)
		}
	}
	v.General = page.Field{Name: "comment", Label: r.Text("summary.comment.whole"), Rows: 4, Max: maxReply}
	if block == "" {
		v.General.Value, v.General.Error = form.Get("comment"), errs.Of("comment")
	}
	return room.pages.comment.RenderStatus(noStore{w}, r, status, v)
}
