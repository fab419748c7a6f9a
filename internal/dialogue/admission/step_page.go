package admission

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"rostrum.example/internal/dialogue/application"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
)

// objectAgain is the address of a further objection, which is no step.
const objectAgain = "object"

// replyDays is how long an applicant is given to reply where nobody says otherwise: a proposal that the officer changes.
const replyDays = 14

type stepView struct {
	head
	ID          application.ID
	Name        string
	From, Act   string
	To          string
	Version     int
	Fields      []page.Field
	Objection   bool
	Named, Told bool
	Rule        string
	Explains    string
	Harm        bool
}

func (room *Room) showStep(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	return room.renderStep(w, r, http.StatusOK, actor, nil, nil)
}

func (room *Room) renderStep(w http.ResponseWriter, r *page.Request, status int, actor party.Actor, typed url.Values, errs page.FormErrors) error {
	x, err := room.readApplication(r, actor)
	if err != nil {
		return err
	}
	to := r.PathValue("to")
	from, target := x.m.State, to
	if to == objectAgain {
		from, target = application.WithBureau, application.Objected
		err = room.mayObjectAgain(actor, x.d)
	} else if typed == nil {
		_, err = room.may(actor, x.d.Scope(), from, to)
	}
	if answered, err := party.Again(w, r, err); answered {
		return err
	}
	t := room.tongue(r.Lang, x.s)
	v := stepView{
		head: room.head(r, actor, x.d, "applications"), ID: x.a.ID, Name: t.title(x.a), From: t.state(x.m.State), To: to, Version: x.m.Version,
		Act: r.Text("admission.act." + to), Objection: target == application.Objected, Rule: in(room.o.Mechanism.Naming.Objectors.Text, r.Lang),
		Explains: room.explains(r, from, target), Harm: to == application.Declined || to == application.Withdrawn,
	}
	v.Errors, v.Done = errs, ""
	if typed != nil {
		v.Named, v.Told = typed.Get("named") != "", typed.Get("told") != ""
		if n, err := strconv.Atoi(typed.Get("version")); err == nil && errs != nil && !slices.ContainsFunc(errs, func(e page.FormError) bool { return e.Field == "" }) {
			v.Version = n // where somebody has moved it meanwhile, the reader has now been told what is so
		}
	}
	for _, a := range room.asked(from, target) {
		v.Fields = append(v.Fields, room.stepField(r, a, x, typed, errs))
	}
	return room.pages.step.RenderStatus(w, r, status, v)
}

// stepField is the field for a question of a step.
func (room *Room) stepField(r *page.Request, a ask, x reading, typed url.Values, errs page.FormErrors) page.Field {
	f := page.Field{Name: a.ID, Label: a.label(r), Type: "text", Optional: !a.Required, Value: typed.Get(a.ID), Error: errs.Of(a.ID), Autocomplete: "off"}
	today := locale.DateOf(room.o.Clock().In(x.d.Location()))
	switch {
	case a.ID == answerObjector:
		f.Hint, f.Max = r.Text("admission.objection.objector.hint"), maxObjector
	case a.ID == answerMade, a.ID == answerReplyBy:
		f.Type, f.LTR = "date", true
		if typed == nil && a.ID == answerMade {
			f.Value = today.String()
		}
		if typed == nil && a.ID == answerReplyBy {
			f.Value = locale.DateOf(room.o.Clock().In(x.d.Location()).AddDate(0, 0, replyDays)).String()
			f.Hint = r.Text("admission.objection.replyby.hint", "Days", replyDays)
		}
	case a.Number:
		f.Inputmode, f.LTR = "numeric", true
	case a.Lines:
		f.Rows, f.Max = 5, maxAnswer
	}
	return f
}

// explains says what a step means, where the words on the button do not.
func (room *Room) explains(r *page.Request, from, to string) string {
	switch to {
	case application.Returned, application.NoObjection, application.Admitted, application.Declined, application.Referred, application.Replied, application.Withdrawn, application.Registered:
		if to == application.Admitted && from == application.NoObjection {
			return r.Text("admission.explains.granted")
		}
		return r.Text("admission.explains." + to)
	}
	return ""
}

func (room *Room) doStep(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	d, a, path := room.at(r)
	version, _ := strconv.Atoi(form.Get("version"))
	step := Step{To: r.PathValue("to"), Version: version, Answers: map[string]string{}, Named: form.Get("named") != "", Told: form.Get("told") != ""}
	for name := range form {
		step.Answers[name] = form.Get(name)
	}
	if step.To == objectAgain {
		err = room.ObjectAgain(r.Context(), actor, d, a, step)
	} else {
		err = room.Take(r.Context(), actor, d, a, step)
	}
	if err != nil {
		errs, err := explain(r, err)
		if err != nil {
			return err
		}
		return room.renderStep(w, r, http.StatusUnprocessableEntity, actor, form, errs)
	}
	return r.Redirect(w, path+"?done=step")
}
