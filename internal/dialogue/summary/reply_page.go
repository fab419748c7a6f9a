package summary

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
	"rostrum.example/internal/text"
)

// repliesView is what others say of the draft: changes that they propose, and comments.
type repliesView struct {
	headView
	Suggestions []suggestionView
	Decided     []suggestionView
	Threads     []threadView
	Settled     []threadView
}

// suggestionView is a proposed change against what stands now.
type suggestionView struct {
	ID, Author, When, What, From string
	Number                       int
	Path                         string
	Line                         redlineView
	Note                         string
	Fits, Gone, Done             bool
	Current                      wordsView
	Proposed                     string
	Decision                     text.Decision
	Reason                       string
	Error                        string
}

type threadView struct {
	ID, Author, When string
	Number           int
	Path             string
	Quote            string
	Text             string
	Answers          []answerView
	Resolved         bool
}

type answerView struct{ Author, When, Text string }

// waiting counts the suggestions and threads that wait.
func (room *Room) waiting(tx *store.Tx, s summary) (n int, err error) {
	suggestions, err := room.texts.Suggestions(tx, s.Doc)
	if err != nil {
		return 0, err
	}
	for _, one := range suggestions {
		if one.Decision == text.Open {
			n++
		}
	}
	comments, err := room.texts.Comments(tx, s.Doc)
	for _, c := range comments {
		if c.Thread == "" && c.Resolved.IsZero() {
			n++
		}
	}
	return n, err
}

// Accept carries a suggestion out. Where the same words have changed since, final are the words that somebody chose who
// has seen both; nil otherwise.
func (room *Room) Accept(ctx context.Context, actor party.Actor, id dialogue.ID, which text.SuggestionID, final *string) error {
	return room.edit(ctx, actor, id, func(tx *store.Tx, _ Held, s summary) error {
		return room.texts.Accept(tx, s.Doc, which, final, actor.Person)
	})
}

// Reject turns a suggestion down, for a reason that its author reads.
func (room *Room) Reject(ctx context.Context, actor party.Actor, id dialogue.ID, which text.SuggestionID, reason string) error {
	reason, err := typed("reason-"+string(which), reason, maxReply)
	if err == nil && reason == "" {
		err = invalid("reason-"+string(which), "summary.problem.why")
	}
	if err != nil {
		return err
	}
	return room.edit(ctx, actor, id, func(tx *store.Tx, _ Held, s summary) error {
		return room.texts.Reject(tx, s.Doc, which, reason, actor.Person)
	})
}

// Answer answers a comment and settles it, or leaves it open.
func (room *Room) Answer(ctx context.Context, actor party.Actor, id dialogue.ID, thread text.CommentID, words string, settle bool) error {
	words, err := typed("answer-"+string(thread), words, maxReply)
	if err == nil && words == "" && !settle {
		err = invalid("answer-"+string(thread), "summary.problem.empty")
	}
	if err != nil {
		return err
	}
	return room.edit(ctx, actor, id, func(tx *store.Tx, _ Held, s summary) error {
		if words != "" {
			one := text.Comment{Thread: thread, Text: words, Author: text.Author{Person: actor.Person, Name: room.o.Operator}}
			if _, _, err := room.texts.Comment(tx, s.Doc, []text.Comment{one}); err != nil {
				return err
			}
		}
		if settle {
			return room.texts.Resolve(tx, s.Doc, thread, actor.Person)
		}
		return nil
	})
}

func (room *Room) showReplies(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	return room.renderReplies(w, r, http.StatusOK, actor, url.Values{}, nil)
}

func (room *Room) takeReply(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	id, which := dialogueOf(r), form.Get("id")
	done := "decided"
	switch form.Get("do") {
	case "accept":
		var final *string
		if form.Has("final") {
			words, bad := typed("final-"+which, lines(form.Get("final")), maxWords)
			final, err = &words, bad
		}
		if err == nil {
			err = room.Accept(r.Context(), actor, id, text.SuggestionID(which), final)
		}
	case "reject":
		err = room.Reject(r.Context(), actor, id, text.SuggestionID(which), lines(form.Get("reason")))
	case "answer", "settle":
		done, err = "answered", room.Answer(r.Context(), actor, id, text.CommentID(which), lines(form.Get("answer")), form.Get("do") == "settle")
	default:
		return page.Unreadable(nil)
	}
	var misfit *text.Misfit
	if errors.As(err, &misfit) {
		err = problem(http.StatusConflict, "summary.problem.misfit")
	}
	if err != nil {
		errs, err := party.Explain(r, err)
		if err != nil {
			return err
		}
		return room.renderReplies(w, r, http.StatusUnprocessableEntity, actor, form, errs)
	}
	return r.Redirect(w, desk(id)+"/replies?done="+done)
}

func (room *Room) renderReplies(w http.ResponseWriter, r *page.Request, status int, actor party.Actor, form url.Values, errs page.FormErrors) error {
	d, err := room.begun(r, actor)
	if err != nil {
		return err
	}
	v := repliesView{}
	if v.headView, err = room.head(r, actor, d, "replies"); err != nil {
		return err
	}
	if v.Done == "" {
		v.Done = page.Done(r, []string{"decided", "answered"}, "summary.done.")
	}
	v.Errors = errs
	var suggestions []text.Suggestion
	var comments []text.Comment
	err = room.o.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if suggestions, err = room.texts.Suggestions(tx, d.Doc); err == nil {
			comments, err = room.texts.Comments(tx, d.Doc)
		}
		return err
	})
	if err != nil {
		return err
	}
	numbers := d.numbers()
	for i := range suggestions {
		s := room.suggestionView(r, d, &suggestions[i], numbers)
		s.Error = errs.Of("reason-" + s.ID)
		if s.Decision == text.Open {
			v.Suggestions = append(v.Suggestions, s)
		} else {
			v.Decided = append(v.Decided, s)
		}
	}
	for _, t := range threads(r, d, comments, numbers) {
		if t.Resolved {
			v.Settled = append(v.Settled, t)
		} else {
			v.Threads = append(v.Threads, t)
		}
	}
	return room.pages.replies.RenderStatus(noStore{w}, r, status, v)
}

func (room *Room) suggestionView(r *page.Request, d *draft, s *text.Suggestion, numbers map[text.BlockID]int) suggestionView {
	fit := s.Fit(d.doc())
	v := suggestionView{
		ID: string(s.ID), Author: authorSays(r, s.Author, s.Untracked), When: r.Instant(s.At.In(d.Zone)), What: r.Text("summary.suggest." + string(s.Kind)),
		From: r.Text("summary.origin." + string(s.Origin)), Number: numbers[text.BlockID(s.Part)], Note: s.Note, Fits: fit.OK, Gone: fit.Gone, Done: fit.Done,
		Decision: s.Decision, Reason: s.Reason, Proposed: s.Text,
		Line: redlineView{langName(s.Lang), s.Lang, s.Lang.Dir(), s.Redline()},
	}
	if s.Kind == text.ToChange && !fit.OK && !fit.Gone {
		v.Current = wordsView{Text: fit.Current, Lang: s.Lang, Dir: s.Lang.Dir()}
		v.Proposed = fit.Text
	}
	if v.Number > 0 {
		v.Path = desk(d.id()) + "/blocks/" + s.Part
	}
	return v
}

func authorSays(r *page.Request, a text.Author, untracked bool) string {
	switch {
	case untracked:
		return r.Text("summary.author.untracked")
	case a.Name == "":
		return r.Text("summary.author.unknown")
	}
	return isolate(a.Name)
}

// threads puts comments and their answers together.
func threads(r *page.Request, d *draft, comments []text.Comment, numbers map[text.BlockID]int) []threadView {
	var all []threadView
	at := map[text.CommentID]int{}
	for _, c := range comments {
		if c.Thread != "" {
			continue
		}
		t := threadView{ID: string(c.ID), Author: authorSays(r, c.Author, false), When: r.Instant(c.At.In(d.Zone)), Number: numbers[text.BlockID(c.Part)], Text: c.Text, Resolved: !c.Resolved.IsZero()}
		if c.Range != nil {
			t.Quote = short(c.Range.Exact, 160)
		}
		if t.Number > 0 {
			t.Path = desk(d.id()) + "/blocks/" + c.Part
		}
		at[c.ID] = len(all)
		all = append(all, t)
	}
	for _, c := range comments {
		if i, ok := at[c.Thread]; ok && c.Thread != "" {
			all[i].Answers = append(all[i].Answers, answerView{authorSays(r, c.Author, false), r.Instant(c.At.In(d.Zone)), c.Text})
		}
	}
	return all
}
