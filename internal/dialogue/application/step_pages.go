package application

import (
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"rostrum.example/format/mechanism"
	"rostrum.example/internal/dialogue/cycle"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/secret"
	"rostrum.example/internal/store"
)

// stepView is one page of the form.
type stepView struct {
	Sample        bool
	Call          string
	CallPath      string
	Deadline      page.When
	Erases        locale.Date
	Step          string
	Number, Count int
	Done          string
	Errors        page.FormErrors
	// Link is the link to come back by, shown where it is new.
	Link     string
	Returned []returnedView

	Action    string
	Key       string
	Once      string
	Version   int
	Before    []question
	Hidden    []question
	After     []question
	SealedAt  *page.When
	Notice    bool
	Submitted bool
	// Skip is the next page, for who cannot mend this one now.
	Skip string
}

// returnedView says why an application was sent back.
type returnedView struct {
	Dialogue string
	Answers  []answerView
}

type answerView struct{ Question, Answer string }

// lateView refuses what came after the deadline, with the text, so that it is not lost.
type lateView struct {
	Sample   bool
	Call     string
	Deadline page.When
	Text     string
	Draft    bool
}

func (room *Room) once() (string, error) {
	var b [16]byte
	_, err := io.ReadFull(room.o.Random, b[:])
	return hex.EncodeToString(b[:]), err
}

// showApply shows the first page of the form. Nothing is kept before somebody sends it.
func (room *Room) showApply(w http.ResponseWriter, r *page.Request) error {
	c, err := room.findCall(r, room.o.Clock())
	if err != nil {
		return err
	}
	if err := room.takes(c, r); err != nil {
		return err
	}
	key, err := secret.New(room.o.Random)
	if err != nil {
		return err
	}
	v := &visit{key: key, a: &Application{Call: c.ID, Sample: c.Sample, Answers: Answers{}}, call: c}
	return room.renderStep(noStore{w}, r, http.StatusOK, v, stepView{Step: room.form.steps[0].ID, Action: "/calls/" + string(c.ID) + "/apply", Key: key.Reveal()}, v.a.Answers, nil, nil, "")
}

// takes refuses where a call takes no applications now.
func (room *Room) takes(c *call, r *page.Request) error {
	switch {
	case c.late:
		return problem(http.StatusGone, "application.problem.late", "When", r.Instant(c.Deadline().In(zone(c.Zone))))
	case len(c.open) == 0:
		return problem(http.StatusNotFound, "application.problem.notopen")
	}
	return nil
}

// takeApply begins a draft with what was sent for the first page.
func (room *Room) takeApply(w http.ResponseWriter, r *page.Request) error {
	v := &visit{arrived: room.o.Clock()}
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	var ok bool
	if v.key, ok = secret.Parse(form.Get("key")); !ok {
		return page.Unreadable(nil)
	}
	e := room.entry(r, room.form.steps[0].ID, form, v.arrived)
	var s saving
	err = room.o.DB.Write(r.Context(), func(tx *store.Tx) error {
		s = saving{}
		var err error
		if v.call, err = room.call(tx, cycle.CallID(r.PathValue("call")), v.arrived); err != nil {
			return err
		}
		if v.call.late {
			return errLate
		}
		if err := room.takes(v.call, r); err != nil {
			return err
		}
		if v.a, err = room.begin(tx, v.call, v.key, r.Lang); err != nil {
			return err
		}
		s, err = room.save(tx, v.a, e, v.key)
		return err
	})
	switch {
	case errors.Is(err, cycle.ErrNotFound):
		return page.NotFound()
	case errors.Is(err, errLate):
		return room.renderLate(noStore{w}, r, v.call, e, Answers{}, false)
	case err != nil:
		return err
	}
	room.remember(w, r, v.key)
	return room.afterSave(noStore{w}, r, v, e, s, form.Get("do"), true)
}

// entry reads what a browser sent for a page of the form.
func (room *Room) entry(r *page.Request, step string, form url.Values, arrived time.Time) entry {
	if name, ok := strings.CutPrefix(form.Get("do"), "drop "); ok {
		maps.DeleteFunc(form, func(field string, _ []string) bool { return strings.HasPrefix(field, name) })
	}
	e := entry{step: step, lang: r.Lang, arrived: arrived}
	e.version, _ = strconv.Atoi(form.Get("version"))
	if once := form.Get("once"); len(once) == 32 && page.Clean(once) {
		e.once = once
	}
	e.open, e.marks = read(room.form.open(step), form)
	if step == room.form.sealing {
		e.hidden, e.hiddenMarks = read(room.form.sealed(), form)
	}
	return e
}

// rearranges tells whether a button only adds or takes out a person.
func rearranges(do string) bool {
	return strings.HasPrefix(do, "add ") || strings.HasPrefix(do, "drop ")
}

func (room *Room) showStep(w http.ResponseWriter, r *page.Request, v *visit) error {
	step := r.PathValue("step")
	if _, ok := room.form.has(step); !ok {
		return page.NotFound()
	}
	if err := room.editable(v); err != nil {
		return err
	}
	if v.a.Submitted.IsZero() && v.call.late {
		return r.Redirect(w, "/applications")
	}
	view := stepView{Step: step, Done: page.Done(r, []string{"begun"}, "application.done.")}
	if view.Done != "" {
		view.Link = room.linkURL(r.Lang, v.key)
	}
	var wrong page.Invalids
	if r.URL.Query().Get("check") != "" {
		wrong = slices.DeleteFunc(room.missing(v.a, room.named(v)), func(i page.Invalid) bool {
			q, ok := room.form.questionOf(i.Field)
			return !ok || room.form.stepOf(q) != step
		})
	}
	return room.renderStep(w, r, http.StatusOK, v, view, v.a.Answers, nil, wrong, "")
}

// named are the dialogues that an application may name.
func (room *Room) named(v *visit) []string {
	all := slices.Clone(v.call.open)
	for _, m := range v.stand {
		all = append(all, string(m.Dialogue))
	}
	return all
}

// editable refuses where the form can no longer be changed.
func (room *Room) editable(v *visit) error {
	switch {
	case !v.a.Erased.IsZero():
		return problem(http.StatusGone, "application.problem.erased")
	case !v.a.Submitted.IsZero() && !correctable(v.stand):
		return problem(http.StatusConflict, "application.problem.closed")
	}
	return nil
}

func (room *Room) takeStep(w http.ResponseWriter, r *page.Request, v *visit) error {
	step := r.PathValue("step")
	if _, ok := room.form.has(step); !ok {
		return page.NotFound()
	}
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	do := form.Get("do")
	e := room.entry(r, step, form, v.arrived)
	if rearranges(do) && !v.a.Submitted.IsZero() {
		// A correction is kept only when it is whole.
		return room.renderStep(w, r, http.StatusOK, v, stepView{Step: step, Version: e.version, Once: e.once}, e.open, e.hidden, nil, do)
	}
	hidden := e.hidden
	if rearranges(do) {
		e.hidden = nil
	}
	var s saving
	err = room.inVisit(r, v, func(tx *store.Tx, v *visit) error {
		s, err = room.save(tx, v.a, e, v.key)
		return err
	})
	e.hidden = hidden
	if errors.Is(err, errLate) {
		return room.renderLate(w, r, v.call, e, v.a.Answers, true)
	}
	if err != nil {
		return err
	}
	return room.afterSave(w, r, v, e, s, do, false)
}

// afterSave answers once a page has been kept, or could not be.
func (room *Room) afterSave(w http.ResponseWriter, r *page.Request, v *visit, e entry, s saving, do string, begun bool) error {
	next, _ := room.form.has(e.step)
	view := stepView{Step: e.step, Once: e.once}
	submitted := !v.a.Submitted.IsZero()
	switch {
	case s.before != nil:
		view.Errors = page.FormErrors{{Text: r.Text("application.conflict")}}
		view.Once = ""
		return room.renderTwice(w, r, v, view, e, s.before)
	case rearranges(do):
		return room.renderStep(w, r, http.StatusOK, v, view, v.a.Answers, e.hidden, nil, do)
	case do == "stay" && !submitted:
		return r.Redirect(w, "/applications?done=saved")
	case len(s.wrong) > 0:
		answers := v.a.Answers
		if submitted {
			answers = e.open
		} else if view.Skip = next; next == "" {
			view.Skip = "check"
		}
		if begun {
			view.Link = room.linkURL(r.Lang, v.key)
		}
		if s.sealed {
			e.hidden = nil
		}
		return room.renderStep(w, r, http.StatusUnprocessableEntity, v, view, answers, e.hidden, s.wrong, "")
	case submitted:
		return r.Redirect(w, "/applications?done=corrected")
	case next == "":
		return r.Redirect(w, "/applications/check")
	case begun:
		return r.Redirect(w, "/applications/"+next+"?done=begun")
	}
	return r.Redirect(w, "/applications/"+next)
}

func (room *Room) renderTwice(w http.ResponseWriter, r *page.Request, v *visit, view stepView, e entry, before Answers) error {
	view.Version = v.a.steps[e.step].N
	return room.renderWith(w, r, http.StatusConflict, v, view, &show{room: room, r: r, call: v.call, answers: e.open, before: before}, e.hidden)
}

// renderStep shows a page of the form with answers, and with what was typed to be sealed.
func (room *Room) renderStep(w http.ResponseWriter, r *page.Request, status int, v *visit, view stepView, answers, hidden Answers, wrong page.Invalids, do string) error {
	errs, err := room.say(r, wrong)
	if err != nil {
		return err
	}
	view.Errors = append(view.Errors, errs...)
	s := &show{room: room, r: r, call: v.call, answers: answers, errs: errs}
	s.more, _ = strings.CutPrefix(do, "add ")
	return room.renderWith(w, r, status, v, view, s, hidden)
}

func (room *Room) renderWith(w http.ResponseWriter, r *page.Request, status int, v *visit, view stepView, s *show, hidden Answers) error {
	id := view.Step
	at := slices.IndexFunc(room.form.steps, func(t mechanism.Term) bool { return t.ID == id })
	view.Sample, view.Call, view.CallPath = v.a.Sample, words(v.call.Title, r.Lang), "/calls/"+string(v.call.ID)
	view.Deadline = v.call.when(r)
	view.Erases = locale.DateOf(v.call.ErasesAt())
	view.Step = room.form.steps[at].Name.In(string(r.Lang), "en").Text
	view.Number, view.Count = at+1, len(room.form.steps)
	view.Submitted = !v.a.Submitted.IsZero()
	if view.Action == "" {
		view.Action = "/applications/" + id
	}
	if view.Version == 0 {
		view.Version = v.a.steps[id].N
	}
	if view.Once == "" {
		var err error
		if view.Once, err = room.once(); err != nil {
			return err
		}
	}
	for _, m := range v.stand {
		s.named = append(s.named, string(m.Dialogue))
	}
	if err := room.explainReturn(r, v, &view); err != nil {
		return err
	}
	open := room.form.open(id)
	view.Notice = slices.ContainsFunc(open, func(q mechanism.Field) bool { return q.ID == FieldNotice })
	if id != room.form.sealing {
		if view.Before = s.questions(open); view.Notice { // below what is to be read first
			view.Before, view.After = nil, view.Before
		}
	} else {
		// The sealed questions stand where the first of their page does.
		n := 0
		for _, q := range room.form.fields {
			if q.Step == id && q.Sealed {
				break
			}
			if q.Step == id {
				n++
			}
		}
		view.Before, view.After = s.questions(open[:n]), s.questions(open[n:])
		s.answers = maps.Clone(s.answers)
		maps.Copy(s.answers, hidden)
		view.Hidden = s.questions(room.form.sealed())
		if !v.a.SealedAt.IsZero() {
			at := r.When(v.a.SealedAt, zone(v.call.Zone))
			view.SealedAt = &at
		}
	}
	return room.pages.step.RenderStatus(w, r, status, view)
}

// explainReturn says why the application was sent back.
func (room *Room) explainReturn(r *page.Request, v *visit, view *stepView) error {
	if !slices.ContainsFunc(v.stand, func(m *Admission) bool { return m.State == Returned }) {
		return nil
	}
	return room.o.DB.Read(r.Context(), func(tx *store.Tx) error {
		moves, err := room.Moves(tx, v.a.ID)
		if err != nil {
			return err
		}
		for _, m := range v.stand {
			if m.State != Returned {
				continue
			}
			for _, step := range slices.Backward(moves) {
				if step.Dialogue == m.Dialogue && step.To == Returned {
					view.Returned = append(view.Returned, returnedView{room.dialogueTitle(r, v.call, m), room.asks(r, step)})
					break
				}
			}
		}
		return nil
	})
}

func (room *Room) dialogueTitle(r *page.Request, c *call, m *Admission) string {
	if d := c.dialogue(string(m.Dialogue)); d != nil {
		return words(d.Title, r.Lang)
	}
	return string(m.Dialogue)
}

// asks gives what was written down with a step, as far as the applicant may read it.
func (room *Room) asks(r *page.Request, step Move) []answerView {
	shown := step.Shown
	if step.By == ByApplicant {
		shown = step.Answers
	}
	var all []answerView
	for _, ask := range room.State(step.To).Asks {
		if text := shown[ask.ID]; text != "" {
			all = append(all, answerView{words(ask.Name, r.Lang), text})
		}
	}
	if text := shown[AnswerReply]; text != "" {
		all = append(all, answerView{r.Text("application.reply.yours"), text})
	}
	return all
}

// renderLate refuses what came too late and gives the whole text back.
func (room *Room) renderLate(w http.ResponseWriter, r *page.Request, c *call, e entry, kept Answers, draft bool) error {
	all := maps.Clone(kept)
	maps.Copy(all, e.open)
	maps.Copy(all, e.hidden)
	return room.pages.late.RenderStatus(w, r, http.StatusForbidden, lateView{
		Sample: c.Sample, Call: words(c.Title, r.Lang), Deadline: c.when(r), Text: room.text(r, c, all), Draft: draft,
	})
}

// text writes answers out for people, question by question.
func (room *Room) text(r *page.Request, c *call, a Answers) string {
	var b strings.Builder
	for _, q := range room.form.fields {
		if answer := room.answer(r, q, a[q.ID], c); answer != "" {
			b.WriteString(q.Label.In(string(r.Lang), "en").Text + "\n" + answer + "\n\n")
		}
	}
	return strings.TrimSpace(b.String())
}

// giveText gives a text back as a file, for who came too late. Nothing is kept.
func (room *Room) giveText(w http.ResponseWriter, r *page.Request) error {
	form, err := page.ReadForm(w, r, 2*maxForm)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="application.txt"`)
	h.Set("Cache-Control", "no-store")
	_, err = io.WriteString(w, form.Get("text")+"\n")
	return err
}
