package application

import (
	"errors"
	"net/http"

	"rostrum.example/format/mechanism"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/secret"
	"rostrum.example/internal/store"
)

// travelView asks a person for passport and travel data.
type travelView struct {
	Sample    bool
	Name      string
	Dialogue  string
	Key       string
	Errors    page.FormErrors
	Questions []question
	Until     page.When
	Erases    locale.Date
	SealedAt  *page.When
	Done      bool
}

// journey is a visit by the link of a request for travel data.
type journey struct {
	key    secret.Secret
	q      TravelRequest
	call   *call
	name   string // of the dialogue
	sample bool
}

// journey finds the request of a link that still works.
func (room *Room) journey(r *page.Request, key string) (*journey, error) {
	gone := problem(http.StatusGone, "application.problem.travel")
	j := &journey{}
	var ok bool
	if j.key, ok = secret.Parse(key); !ok {
		return nil, gone
	}
	now := room.o.Clock()
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if j.q, err = room.travelByLink(tx, j.key); err != nil {
			return err
		}
		a, err := room.Application(tx, j.q.Application)
		if err != nil {
			return err
		}
		if j.call, err = room.call(tx, a.Call, now); err != nil {
			return err
		}
		j.sample = a.Sample
		if d := j.call.dialogue(string(j.q.Dialogue)); d != nil {
			j.name = words(d.Title, r.Lang)
		}
		return nil
	})
	if errors.Is(err, ErrNotFound) || err == nil && !now.Before(j.q.Until) {
		return nil, gone
	}
	return j, err
}

func (room *Room) showTravel(w http.ResponseWriter, r *page.Request) error {
	j, err := room.journey(r, r.URL.Query().Get("key"))
	if err != nil {
		return err
	}
	return room.renderTravel(w, r, http.StatusOK, j, nil, nil, false)
}

func (room *Room) renderTravel(w http.ResponseWriter, r *page.Request, status int, j *journey, typed Answers, wrong page.Invalids, done bool) error {
	errs, err := room.say(r, wrong)
	if err != nil {
		return err
	}
	loc := zone(j.call.Zone)
	view := travelView{Sample: j.sample, Name: j.q.Name, Dialogue: j.name, Key: j.key.Reveal(), Errors: errs, Until: r.When(j.q.Until, loc),
		Erases: locale.DateOf(j.call.ErasesAt()), Done: done}
	if !j.q.SealedAt.IsZero() {
		at := r.When(j.q.SealedAt, loc)
		view.SealedAt = &at
	}
	s := &show{room: room, r: r, call: j.call, answers: typed, errs: errs}
	for _, q := range travelQuestions {
		kind := q.Kind
		if kind == travelDate {
			q.Kind = mechanism.FieldLine
		}
		v := s.question(q, travelQuestions, q.ID, q.ID, typed.All(q.ID))
		v.Label, v.Hint = r.Text("application.travel."+q.ID), ""
		if kind == travelDate {
			v.Type, v.LTR, v.Hint = "date", true, r.Text("application.travel.date.hint")
		}
		view.Questions = append(view.Questions, v)
	}
	return room.pages.travel.RenderStatus(noStore{w}, r, status, view)
}

func (room *Room) takeTravel(w http.ResponseWriter, r *page.Request) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	j, err := room.journey(r, form.Get("key"))
	if err != nil {
		return err
	}
	typed, wrong := checkTravel(form)
	if len(wrong) > 0 {
		return room.renderTravel(w, r, http.StatusUnprocessableEntity, j, typed, wrong, false)
	}
	err = room.o.DB.Write(r.Context(), func(tx *store.Tx) error { return room.sealTravel(tx, j.q, typed) })
	if err != nil {
		return err
	}
	j.q.SealedAt = room.o.Clock()
	return room.renderTravel(w, r, http.StatusOK, j, nil, nil, true)
}
