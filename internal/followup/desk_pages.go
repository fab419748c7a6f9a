package followup

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// statesOf lists the States that somebody answers for.
func statesOf(actor party.Actor) []string {
	var all []string
	for _, h := range actor.Roles {
		if h.Scope.Kind == party.InState && h.Role == party.FocalPoint && !slices.Contains(all, h.Scope.ID) {
			all = append(all, h.Scope.ID)
		}
	}
	return all
}

type statesView struct{ States []stateLine }

type stateLine struct{ Path, Name string }

// showStates leads to the desk of the State that somebody answers for.
func (room *Room) showStates(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	states := statesOf(actor)
	switch len(states) {
	case 0:
		return party.Allow(actor, party.AnswerPoint, party.WholeInstance())
	case 1:
		return r.Redirect(w, "/desk/points/"+states[0])
	}
	var v statesView
	for _, code := range room.byName(r.Lang, states) {
		v.States = append(v.States, stateLine{"/desk/points/" + code, room.StateName(r.Lang, code)})
	}
	return room.pages.states.Render(w, r, v)
}

// deskView is the State's desk: what was put to it, and what it drafts.
type deskView struct {
	Done       string
	Errors     page.FormErrors
	Sample     bool
	State      string
	Code, Name string
	Dialogues  []deskDialogue
	Open       int // deliveries that nobody has confirmed
	Day        page.Field
	Langs      []page.Choice
}

type deskDialogue struct {
	Title  string
	Points []deskPoint
}

type deskPoint struct {
	Path   string
	Text   *text
	Kind   string
	On     locale.Date
	Way    string
	Stage  string // of the draft; empty for none
	Said   string // what is public now; empty for nothing
	SaidOn *locale.Date
	Sample bool
	Gone   bool
}

var deskDone = []string{"received", "dropped"}

func (room *Room) showDesk(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	return room.renderDesk(w, r, http.StatusOK, actor, url.Values{}, nil)
}

func (room *Room) renderDesk(w http.ResponseWriter, r *page.Request, status int, actor party.Actor, typed url.Values, errs page.FormErrors) error {
	code := r.PathValue("state")
	if err := party.Allow(actor, party.AnswerPoint, party.OfState(code)); err != nil {
		return err
	}
	v := deskView{
		Done: page.Done(r, deskDone, "followup.done."), Errors: errs, Code: code, Name: room.StateName(r.Lang, code),
		Day: page.Field{Name: "day", Label: r.Text("followup.receive.day"), Type: "date", LTR: true, Value: typed.Get("day"), Error: errs.Of("day")},
	}
	if v.Day.Value == "" {
		v.Day.Value = locale.DateOf(room.o.Clock().UTC()).String()
	}
	for _, lang := range locale.Langs {
		v.Langs = append(v.Langs, page.Choice{Value: string(lang), Text: lang.Name(), Chosen: lang == r.Lang})
	}
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) error {
		v.Dialogues, v.Open, v.Sample = nil, 0, false
		points, err := room.pointsFor(tx, code)
		if err != nil {
			return err
		}
		deliveries, err := list(tx, scanDelivery, deliveriesTo, room.o.Org, code)
		if err != nil {
			return err
		}
		answers, err := list(tx, scanAnswer, answersBy, room.o.Org, code)
		if err != nil {
			return err
		}
		last := ""
		for _, p := range points {
			if p.Origin != last {
				title, err := room.dialogueTitle(tx, p.Origin, r.Lang)
				if err != nil {
					return err
				}
				v.Dialogues, last = append(v.Dialogues, deskDialogue{Title: title}), p.Origin
			}
			v.Sample = v.Sample || p.Sample
			d := &v.Dialogues[len(v.Dialogues)-1]
			d.Points = append(d.Points, room.deskPoint(r, code, p, deliveries, answers))
		}
		for _, d := range deliveries {
			if d.Confirmed == (locale.Date{}) {
				v.Open++
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return room.pages.desk.RenderStatus(w, r, status, v)
}

func (room *Room) deskPoint(r *page.Request, code string, p *Point, deliveries []Delivery, answers []Answer) deskPoint {
	d := deskPoint{Path: answerPath(code, p.ID), Text: say(r, p.Text), Kind: r.Text("followup.point." + string(p.Kind)), Sample: p.Sample, Gone: !p.Withdrawn.IsZero()}
	for _, one := range deliveries {
		if one.Point == p.ID {
			d.On, d.Way = one.Day, r.Text("followup.way."+string(one.Way))
			break
		}
	}
	for _, a := range answers {
		switch {
		case a.Point != p.ID:
		case a.Stage == Published:
			on := locale.DateOf(a.At.UTC())
			d.Said, d.SaidOn = r.Text("followup.kind."+string(a.Kind)), &on
		case !a.Public():
			d.Stage = r.Text("followup.stage." + string(a.Stage))
		}
	}
	return d
}

// takeReceipts has a State say that it had what was put to it.
func (room *Room) takeReceipts(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	code := r.PathValue("state")
	if err := party.Allow(actor, party.AnswerPoint, party.OfState(code)); err != nil {
		return err
	}
	typed, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	var receipts []Receipt
	err = room.o.DB.Read(r.Context(), func(tx *store.Tx) error {
		receipts = nil
		all, err := list(tx, scanDelivery, deliveriesTo, room.o.Org, code)
		for _, d := range all {
			if d.Confirmed == (locale.Date{}) {
				receipts = append(receipts, Receipt{Delivery: d.ID, Day: typed.Get("day"), Receiver: r.Text("followup.receive.focal")})
			}
		}
		return err
	})
	if err == nil {
		_, err = room.Confirm(r.Context(), actor, receipts)
	}
	if err != nil {
		errs, err := explain(r, err)
		if err != nil {
			return err
		}
		return room.renderDesk(w, r, http.StatusUnprocessableEntity, actor, typed, oneDay(errs, "day"))
	}
	return r.Redirect(w, "/desk/points/"+code+"?done=received")
}

// answerView is one point on the State's desk.
type answerView struct {
	Done         string
	Errors       page.FormErrors
	Sample       bool
	Code, Name   string
	Path, Public string
	Text         *text
	Dialogue     string
	On           locale.Date
	Way          string
	Said         []answerLine
	Gone         bool

	Edit    int
	Started bool
	Handed  bool
	Mine    bool // the reader made the last change
	Note    string
	Draft   answerLine

	Kind         page.Field
	Words        []page.Field // in the reader's language
	Others       []page.Field
	OthersFilled bool
	Date         page.Field
	Evidence     page.Field
	NoteField    page.Field
	Reason       page.Field
}

var answerDone = []string{"saved", "handed", "returned", "cleared", "withdrawn"}

func (room *Room) showAnswer(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	return room.renderAnswer(w, r, http.StatusOK, actor, nil, nil)
}

func (room *Room) takeAnswer(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	typed, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	id, state := PointID(r.PathValue("point")), r.PathValue("state")
	edit, err := strconv.Atoi(typed.Get("edit"))
	if err != nil || edit < 0 {
		return page.Unreadable(err)
	}
	done := ""
	ctx := r.Context()
	switch typed.Get("do") {
	case "save", "hand":
		done = "saved"
		err = room.SaveAnswer(ctx, actor, id, state, edit, AnswerData{
			Kind: typed.Get("kind"), Text: typedWords(typed, "text"), Reason: typedWords(typed, "reason"), Measure: typedWords(typed, "measure"), Owner: typedWords(typed, "owner"),
			Date: typed.Get("date"), Evidence: typed.Get("evidence"),
		})
		if err == nil && typed.Get("do") == "hand" {
			done = "handed"
			if err = room.HandAnswer(ctx, actor, id, state, edit+1); err != nil {
				typed.Set("edit", strconv.Itoa(edit+1)) // what was typed has been kept
			}
		}
	case "return":
		done, err = "returned", room.ReturnAnswer(ctx, actor, id, state, edit, typed.Get("note"))
	case "clear":
		done, err = "cleared", room.ClearAnswer(ctx, actor, id, state, edit)
	case "drop":
		if err = room.DropAnswer(ctx, actor, id, state, edit); err == nil {
			return r.Redirect(w, "/desk/points/"+state+"?done=dropped")
		}
	case "withdraw":
		number, bad := strconv.Atoi(typed.Get("number"))
		if bad != nil {
			return page.Unreadable(bad)
		}
		done, err = "withdrawn", room.WithdrawAnswer(ctx, actor, id, state, number, typed.Get("reason"))
	default:
		return page.Unreadable(nil)
	}
	if err != nil {
		errs, err := explain(r, err)
		if err != nil {
			return err
		}
		return room.renderAnswer(w, r, http.StatusUnprocessableEntity, actor, typed, errs)
	}
	return r.Redirect(w, answerPath(state, id)+"?done="+done)
}

// renderAnswer shows the desk of one point; typed is nil where nothing was sent.
func (room *Room) renderAnswer(w http.ResponseWriter, r *page.Request, status int, actor party.Actor, typed url.Values, errs page.FormErrors) error {
	id, code := PointID(r.PathValue("point")), r.PathValue("state")
	var p *Point
	var said []Answer
	var a Answer
	var to []Delivery
	v := answerView{Done: page.Done(r, answerDone, "followup.done."), Errors: errs, Code: code, Name: room.StateName(r.Lang, code), Path: answerPath(code, id), Public: pointPath(id)}
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p, said, a, err = room.draft(tx, actor, id, code, -1); err != nil {
			return notFound(err)
		}
		if to, err = room.Deliveries(tx, id); err != nil {
			return err
		}
		v.Dialogue, err = room.dialogueTitle(tx, p.Origin, r.Lang)
		return err
	})
	if err != nil {
		return err
	}
	v.Sample, v.Gone, v.Text = p.Sample, !p.Withdrawn.IsZero(), say(r, p.Text)
	for _, d := range to {
		if d.State == code {
			v.On, v.Way = d.Day, r.Text("followup.way."+string(d.Way))
			break
		}
	}
	var ids []answerLine
	for _, s := range said {
		ids = append(ids, answerIn(r, s))
	}
	if v.Said, err = room.placeAnswers(r, ids); err != nil {
		return err
	}
	v.Edit, v.Started, v.Handed, v.Mine, v.Note = a.Edit, a.Edit > 0, a.Stage == Handed, a.Writer == actor.Person, a.Note
	if v.Handed {
		v.Draft = answerIn(r, a)
	}
	if typed == nil || typed.Get("do") != "save" && typed.Get("do") != "hand" {
		kept := url.Values{"kind": {string(a.Kind)}, "date": {a.Date}, "evidence": {strings.Join(a.Evidence, "\n")}, "note": {typed.Get("note")}, "reason": {typed.Get("reason")}}
		typeWords(kept, "text", a.Text)
		typeWords(kept, "reason", a.Reason)
		typeWords(kept, "measure", a.Measure)
		typeWords(kept, "owner", a.Owner)
		typed = kept
	}
	room.answerFields(r, &v, typed, said)
	return room.pages.answer.RenderStatus(w, r, status, v)
}

func (room *Room) answerFields(r *page.Request, v *answerView, typed url.Values, said []Answer) {
	errs := v.Errors
	kinds := AnswerKinds()
	if _, ok := Commitment(said, v.Code); !ok {
		kinds = slices.DeleteFunc(kinds, func(k AnswerKind) bool { return k == Progress })
	}
	v.Kind = page.Field{Name: "kind", Label: r.Text("followup.answer.kind"), Hint: r.Text("followup.answer.kind.hint"), Error: errs.Of("kind")}
	for _, k := range kinds {
		v.Kind.Choices = append(v.Kind.Choices, page.Choice{Value: string(k), Text: r.Text("followup.kind."+string(k)) + ". " + r.Text("followup.kind."+string(k)+".hint")})
	}
	page.Choose(v.Kind.Choices, typed.Get("kind"))
	for _, f := range []struct {
		name      string
		rows, max int
	}{{"text", 5, maxText}, {"measure", 3, maxText}, {"owner", 1, maxLine}, {"reason", 3, maxText}} {
		mine, others := wordFields(r, typed, errs, f.name, "followup.answer."+f.name, f.rows, f.max)
		v.Words = append(v.Words, mine)
		v.Others = append(v.Others, others...)
	}
	v.OthersFilled = slices.ContainsFunc(v.Others, func(f page.Field) bool { return f.Value != "" || f.Error != "" })
	v.Date = page.Field{Name: "date", Label: r.Text("followup.answer.date"), Hint: r.Text("followup.answer.date.hint"), Type: "text", LTR: true, Max: 10, Value: typed.Get("date"), Error: errs.Of("date")}
	v.Evidence = page.Field{Name: "evidence", Label: r.Text("followup.evidence"), Hint: r.Text("followup.evidence.hint"), Rows: 2, LTR: true, Optional: true, Value: typed.Get("evidence"), Error: errs.Of("evidence")}
	v.NoteField = page.Field{Name: "note", Label: r.Text("followup.answer.note"), Rows: 2, Optional: true, Value: typed.Get("note"), Error: errs.Of("note")}
	v.Reason = page.Field{Name: "reason", Label: r.Text("followup.reason"), Hint: r.Text("followup.reason.hint"), Rows: 2, Value: typed.Get("reason"), Error: errs.Of("reason")}
}

func (room *Room) placeAnswers(r *page.Request, all []answerLine) ([]answerLine, error) {
	v := pointView{Sides: []sideView{{Answers: all}}}
	err := room.placeAll(r, &v, nil)
	return all, err
}
