package application

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"rostrum.example/format/mechanism"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/store"
)

// draftView is an application that has not been submitted.
type draftView struct {
	Sample   bool
	Call     string
	CallPath string
	Done     string
	Deadline page.When
	Late     bool
	Erases   locale.Date
	Link     string
	Email    string
	Steps    []stepLine
	Next     string // where to go on
	Ready    bool
	Text     string
}

// stepLine is a page of the form in a list.
type stepLine struct {
	Path, Name string
	// State is done, begun or new.
	State string
}

// showOwn shows the application that the browser keeps: a draft's pages, or where it stands.
func (room *Room) showOwn(w http.ResponseWriter, r *page.Request, v *visit) error {
	if !v.a.Submitted.IsZero() {
		return room.showStatus(w, r, v)
	}
	view := draftView{
		Sample: v.a.Sample, Call: words(v.call.Title, r.Lang), CallPath: "/calls/" + string(v.call.ID), Deadline: v.call.when(r), Late: v.call.late,
		Done: page.Done(r, []string{"saved"}, "application.done."), Link: room.linkURL(r.Lang, v.key), Email: string(v.a.Email),
		Erases: locale.DateOf(v.call.erases(v.a).In(zone(v.call.Zone))),
	}
	wrong := room.missing(v.a, v.call.open)
	for _, s := range room.form.steps {
		line := stepLine{Path: "/applications/" + s.ID, Name: s.Name.In(string(r.Lang), "en").Text, State: "done"}
		if slices.ContainsFunc(wrong, func(i page.Invalid) bool {
			q, ok := room.form.questionOf(i.Field)
			return ok && room.form.stepOf(q) == s.ID
		}) {
			line.State = "begun"
		}
		if v.a.steps[s.ID].N == 0 {
			line.State = "new"
		}
		if line.State != "done" && view.Next == "" {
			view.Next = line.Path
		}
		view.Steps = append(view.Steps, line)
	}
	view.Ready, view.Next = view.Next == "", cmp.Or(view.Next, "/applications/check")
	if view.Late {
		view.Text = room.text(r, v.call, v.a.Answers)
	}
	return room.pages.draft.Render(w, r, view)
}

// checkView shows the whole of an application before it is submitted.
type checkView struct {
	Sample    bool
	Call      string
	Deadline  page.When
	Late      bool
	Errors    page.FormErrors
	Steps     []stepAnswers
	SealedAt  *page.When
	Hidden    []string // what the sealed questions are
	HiddenAt  string   // where they stand
	Listing   string
	Submitted bool
	Erases    locale.Date
}

type stepAnswers struct {
	Path, Name string
	Answers    []answerView
}

func (room *Room) showCheck(w http.ResponseWriter, r *page.Request, v *visit) error {
	if err := room.editable(v); err != nil {
		return err
	}
	return room.renderCheck(w, r, http.StatusOK, v, room.missing(v.a, room.named(v)))
}

func (room *Room) renderCheck(w http.ResponseWriter, r *page.Request, status int, v *visit, wrong page.Invalids) error {
	view := checkView{
		Sample: v.a.Sample, Call: words(v.call.Title, r.Lang), Deadline: v.call.when(r), Late: v.call.late && v.a.Submitted.IsZero(),
		Submitted: !v.a.Submitted.IsZero(), Listing: r.Text("application.listed." + string(v.a.Listing)), Erases: locale.DateOf(v.call.ErasesAt()),
	}
	var err error
	if view.Errors, err = room.say(r, wrong); err != nil {
		return err
	}
	for i, e := range view.Errors { // the questions stand on other pages
		if q, ok := room.form.questionOf(e.Field); ok {
			view.Errors[i].Href = r.Link("/applications/" + room.form.stepOf(q) + "?check=1#" + e.Field)
		}
	}
	asked := room.form.prune(v.a.Answers)
	for _, s := range room.form.steps {
		one := stepAnswers{Path: "/applications/" + s.ID, Name: s.Name.In(string(r.Lang), "en").Text}
		for _, q := range room.form.open(s.ID) {
			if text := room.answer(r, q, asked[q.ID], v.call); text != "" {
				one.Answers = append(one.Answers, answerView{q.Label.In(string(r.Lang), "en").Text, text})
			}
		}
		view.Steps = append(view.Steps, one)
	}
	for _, q := range room.form.sealed() {
		view.Hidden = append(view.Hidden, q.Label.In(string(r.Lang), "en").Text)
	}
	view.HiddenAt = "/applications/" + room.form.sealing
	if !v.a.SealedAt.IsZero() {
		at := r.When(v.a.SealedAt, zone(v.call.Zone))
		view.SealedAt = &at
	}
	return room.pages.check.RenderStatus(w, r, status, view)
}

func (room *Room) takeCheck(w http.ResponseWriter, r *page.Request, v *visit) error {
	var wrong page.Invalids
	err := room.inVisit(r, v, func(tx *store.Tx, v *visit) (err error) {
		wrong, err = room.submit(tx, v.a, v.arrived)
		return err
	})
	switch {
	case errors.Is(err, errLate):
		return room.renderLate(w, r, v.call, entry{}, v.a.Answers, true)
	case err != nil:
		return err
	case len(wrong) > 0:
		return room.renderCheck(w, r, http.StatusUnprocessableEntity, v, wrong)
	}
	return r.Redirect(w, "/applications?done=submitted")
}

// statusView says where a submitted application stands.
type statusView struct {
	Sample      bool
	Call        string
	CallPath    string
	Done        string
	Name        string
	Link        string
	Submitted   page.When
	Erases      locale.Date
	Erased      string
	Unlist      bool // the public record still names the organisation of an application whose data are gone
	Source      string
	Stand       []standView
	Corrections []correctionView
	Travel      []travelLine
	Editable    bool
	Returned    bool
	Listing     string
	Withdraw    bool
	Listed      bool // in public
}

// standView is where an application stands for one dialogue.
type standView struct {
	Title, State string
	Since        page.When
	// Next says in plain words what comes next and who acts.
	Next    string
	Reply   string // the page of the reply to an objection
	Confirm string // where participation is confirmed
	Moves   []moveView
	Totals  []totalView
}

type moveView struct {
	State   string
	At      page.When
	By      string
	Answers []answerView
	Entered page.Entered
	Opaque  bool
}

type totalView struct {
	State string
	N     int
}

type correctionView struct {
	At     page.When
	Fields []string
}

type travelLine struct {
	Name  string
	Until page.When
	Sent  bool
}

func (room *Room) showStatus(w http.ResponseWriter, r *page.Request, v *visit) error {
	loc := zone(v.call.Zone)
	view := statusView{
		Sample: v.a.Sample, Call: words(v.call.Title, r.Lang), CallPath: "/calls/" + string(v.call.ID), Name: v.a.Name,
		Done:      page.Done(r, []string{"submitted", "corrected", "listing", "replied", "registered", "withdrawn"}, "application.done."),
		Submitted: r.When(v.a.Submitted, loc), Erases: locale.DateOf(v.call.erases(v.a).In(loc)), Link: room.linkURL(r.Lang, v.key),
		Listing: r.Text("application.listed." + string(v.a.Listing)), Listed: v.a.Listing == Public,
	}
	erased := !v.a.Erased.IsZero()
	if erased {
		view.Erased = r.Date(locale.DateOf(v.a.Erased.In(loc)))
	} else {
		view.Editable = correctable(v.stand)
	}
	if v.a.Source != "form" {
		view.Source = v.a.Source
	}
	var moves []Move
	var entries []ledger.ID
	totals := map[string]map[string]int{}
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if moves, err = room.Moves(tx, v.a.ID); err != nil {
			return err
		}
		for _, m := range v.stand {
			if totals[string(m.Dialogue)], err = room.Totals(tx, m.Dialogue); err != nil {
				return err
			}
		}
		corrections, err := room.Corrections(tx, v.a.ID)
		if err != nil {
			return err
		}
		for _, c := range corrections {
			one := correctionView{At: r.When(c.At, loc)}
			for _, id := range c.Fields {
				if q, ok := room.form.field(id); ok {
					one.Fields = append(one.Fields, q.Label.In(string(r.Lang), "en").Text)
				}
			}
			view.Corrections = append(view.Corrections, one)
		}
		requests, err := room.travelOf(tx, v.a.ID)
		for _, q := range requests {
			view.Travel = append(view.Travel, travelLine{q.Name, r.When(q.Until, loc), !q.SealedAt.IsZero()})
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, m := range moves {
		entries = append(entries, m.Entry)
		view.Unlist = view.Unlist || erased && m.Public
	}
	places, err := room.o.Ledger.Indexes(r.Context(), entries)
	if err != nil {
		return err
	}
	for _, m := range v.stand {
		one := standView{Title: room.dialogueTitle(r, v.call, m), State: room.stateName(r, m.State), Since: r.When(m.Since, loc), Next: room.next(r, m)}
		if !erased && m.State == Objected && slices.Contains(room.State(m.State).Next, Replied) {
			one.Reply = "/applications/reply/" + string(m.Dialogue)
		}
		if !erased && room.mayRegister(m) {
			one.Confirm = "/applications/register/" + string(m.Dialogue)
		}
		view.Returned = view.Returned || m.State == Returned && !erased
		view.Withdraw = view.Withdraw || !erased
		for _, step := range slices.Backward(moves) {
			if step.Dialogue != m.Dialogue {
				continue
			}
			one.Moves = append(one.Moves, moveView{
				State: room.stateName(r, step.To), At: r.When(step.At, loc), By: r.Text("application.by." + string(step.By)),
				Answers: room.asks(r, step), Entered: page.EnteredAt(places, step.Entry), Opaque: !step.Public,
			})
		}
		for _, s := range room.o.States {
			if n := totals[string(m.Dialogue)][s.ID]; n > 0 {
				one.Totals = append(one.Totals, totalView{words(s.Name, r.Lang), n})
			}
		}
		view.Stand = append(view.Stand, one)
	}
	return room.pages.status.Render(w, r, view)
}

func (room *Room) stateName(r *page.Request, id string) string {
	return cmp.Or(words(room.State(id).Name, r.Lang), id)
}

// next says what comes after a state and who acts. A state that only the preset knows is described by who moves it.
func (room *Room) next(r *page.Request, m *Admission) string {
	if key := "application.next." + m.State; room.o.Catalogues.Has(key) {
		return r.Text(key)
	}
	if state := room.State(m.State); state.Applicant {
		return r.Text("application.next.you")
	} else if len(state.Next) == 0 {
		return r.Text("application.next.end")
	}
	return r.Text("application.next.others")
}

// listingView asks where the organisation may be listed from now on.
type listingView struct {
	Sample  bool
	Errors  page.FormErrors
	Listing question
	Safety  *question
	Public  bool
}

func (room *Room) showListing(w http.ResponseWriter, r *page.Request, v *visit) error {
	return room.renderListing(w, r, http.StatusOK, v, Answers{FieldListing: {Values: []string{string(v.a.Listing)}}}, nil)
}

func (room *Room) renderListing(w http.ResponseWriter, r *page.Request, status int, v *visit, answers Answers, wrong page.Invalids) error {
	if err := room.listable(v); err != nil {
		return err
	}
	errs, err := room.say(r, wrong)
	if err != nil {
		return err
	}
	s := &show{room: room, r: r, call: v.call, answers: answers, errs: errs}
	view := listingView{Sample: v.a.Sample, Errors: errs, Public: v.a.Listing == Public}
	asks, _ := room.form.field(FieldListing)
	view.Listing = s.questions([]mechanism.Field{asks})[0]
	if safety, ok := room.form.field(FieldSafety); ok {
		q := s.questions([]mechanism.Field{safety})[0]
		q.Hint = r.Text("application.listing.safety")
		view.Safety = &q
	}
	return room.pages.listing.RenderStatus(w, r, status, view)
}

// listable refuses where there is nothing to list: a draft has its form, erased data are gone.
func (room *Room) listable(v *visit) error {
	if _, ok := room.form.field(FieldListing); !ok || v.a.Submitted.IsZero() {
		return page.NotFound()
	}
	if !v.a.Erased.IsZero() {
		return problem(http.StatusGone, "application.problem.erased")
	}
	return nil
}

func (room *Room) takeListing(w http.ResponseWriter, r *page.Request, v *visit) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	asks, ok := room.form.field(FieldListing)
	if !ok {
		return page.NotFound()
	}
	typed, wrong := read([]mechanism.Field{asks}, form)
	wrong = append(wrong, check(room.form.fields, []mechanism.Field{asks}, typed, nil)...)
	safety := form.Get(FieldSafety)
	if len(wrong) == 0 {
		err = room.inVisit(r, v, func(tx *store.Tx, v *visit) error {
			if err := room.listable(v); err != nil {
				return err
			}
			return room.relist(tx, v.a, listing(typed), safety)
		})
	}
	var again page.Invalids
	if errors.As(err, &again) {
		wrong, err = again, nil
	}
	if err != nil {
		return err
	}
	if len(wrong) > 0 {
		if safety == yes || safety == no {
			typed[FieldSafety] = Answer{Values: []string{safety}}
		}
		return room.renderListing(w, r, http.StatusUnprocessableEntity, v, typed, wrong)
	}
	return r.Redirect(w, "/applications?done=listing")
}

// replyView takes the applicant's reply to an objection.
type replyView struct {
	Sample   bool
	Dialogue string
	Action   string
	Errors   page.FormErrors
	Answers  []answerView
	Reply    page.Field
}

// standing finds where the application of a visit stands for the dialogue of the page.
func (v *visit) standing(r *page.Request) (*Admission, error) {
	i := slices.IndexFunc(v.stand, func(m *Admission) bool { return string(m.Dialogue) == r.PathValue("dialogue") })
	if i < 0 {
		return nil, page.NotFound()
	}
	return v.stand[i], nil
}

func (room *Room) showReply(w http.ResponseWriter, r *page.Request, v *visit) error {
	return room.renderReply(w, r, http.StatusOK, v, "", nil)
}

func (room *Room) renderReply(w http.ResponseWriter, r *page.Request, status int, v *visit, typed string, errs page.FormErrors) error {
	m, err := v.standing(r)
	if err != nil {
		return err
	}
	if m.State != Objected {
		return problem(http.StatusConflict, "application.reply.late")
	}
	view := replyView{Sample: v.a.Sample, Dialogue: room.dialogueTitle(r, v.call, m), Action: "/applications/reply/" + string(m.Dialogue), Errors: errs,
		Reply: page.Field{Name: "reply", Label: r.Text("application.reply.label"), Hint: r.Text("application.reply.hint"), Rows: 12, Max: maxReply, Value: typed, Error: errs.Of("reply")}}
	err = room.o.DB.Read(r.Context(), func(tx *store.Tx) error {
		moves, err := room.Moves(tx, v.a.ID)
		for _, step := range moves {
			if step.Dialogue == m.Dialogue && step.To == Objected {
				view.Answers = room.asks(r, step)
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	return room.pages.reply.RenderStatus(w, r, status, view)
}

func (room *Room) takeReply(w http.ResponseWriter, r *page.Request, v *visit) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	text, clean := cleanLines(form.Get("reply"))
	var wrong page.Invalids
	switch n := utf8.RuneCountInString(text); {
	case !clean:
		wrong = page.Invalids{{Field: "reply", Key: "application.reply.unreadable"}}
	case strings.TrimSpace(text) == "":
		wrong = page.Invalids{{Field: "reply", Key: "application.reply.missing"}}
	case n > maxReply:
		wrong = page.Invalids{{Field: "reply", Key: "application.reply.long", Pairs: []any{"Max", maxReply, "Length", n}}}
	}
	if len(wrong) > 0 {
		errs, err := room.say(r, wrong)
		if err != nil {
			return err
		}
		return room.renderReply(w, r, http.StatusUnprocessableEntity, v, text, errs)
	}
	err = room.inVisit(r, v, func(tx *store.Tx, v *visit) error {
		m, err := v.standing(r)
		if err != nil {
			return err
		}
		return room.reply(tx, v.a, m, text)
	})
	if err != nil {
		return err
	}
	return r.Redirect(w, "/applications?done=replied")
}

func (room *Room) takeRegister(w http.ResponseWriter, r *page.Request, v *visit) error {
	err := room.inVisit(r, v, func(tx *store.Tx, v *visit) error {
		m, err := v.standing(r)
		if err != nil {
			return err
		}
		return room.register(tx, v.a, m)
	})
	if err != nil {
		return err
	}
	return r.Redirect(w, "/applications?done=registered")
}
