package application

import (
	"net/url"
	"slices"
	"time"
	"unicode/utf8"

	"rostrum.example/format/mechanism"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/secret"
	"rostrum.example/internal/store"
)

// travelDate is a day, which no question of a preset's form asks for.
const travelDate mechanism.FieldKind = "date"

// travelQuestions are what the unit needs to book a journey and write a letter for a visa. Their labels stand in the
// catalogue under application.travel. and their id.
var travelQuestions = []mechanism.Field{
	{ID: "passport_name", Kind: mechanism.FieldLine, Required: true, MaxCharacters: 200},
	{ID: "passport_number", Kind: mechanism.FieldLine, Required: true, MaxCharacters: 40},
	{ID: "passport_expires", Kind: travelDate, Required: true},
	{ID: "nationality", Kind: mechanism.FieldCountry, Required: true},
	{ID: "born", Kind: travelDate, Required: true},
	{ID: "departure_town", Kind: mechanism.FieldLine, Required: true, MaxCharacters: 200},
	{ID: "travels_out", Kind: travelDate, Required: true},
	{ID: "travels_back", Kind: travelDate, Required: true},
	{ID: "travel_notes", Kind: mechanism.FieldLines, MaxCharacters: 1000},
}

// RequestTravel asks every person whom an admitted application nominates to come in person for their passport and
// travel data, until a day at the latest: each gets a link by mail to a page whose answers are sealed on arrival. Asked
// again, a person gets a new link and the former one no longer works. It answers ErrOrder for an admission that has not
// been granted.
func (room *Room) RequestTravel(tx *store.Tx, a *Application, m *Admission, until time.Time) ([]TravelRequest, error) {
	if !Past(m.State) || !a.Erased.IsZero() {
		return nil, ErrOrder
	}
	c, err := room.call(tx, a.Call, room.o.Clock())
	if err != nil {
		return nil, err
	}
	if last := c.erases(a); last.Before(until) {
		until = last
	}
	before, err := room.travelOf(tx, a.ID)
	if err != nil {
		return nil, err
	}
	var asked []TravelRequest
	for _, person := range a.Answers[FieldPersons].Persons {
		email, err := party.ParseEmail(person[PersonEmail])
		if err != nil || person[PersonMode] == "online" {
			continue
		}
		q := TravelRequest{Application: a.ID, Dialogue: m.Dialogue, Name: person[PersonName], Email: email, Lang: a.Lang}
		if i := slices.IndexFunc(before, func(b TravelRequest) bool { return b.Dialogue == m.Dialogue && b.Email.Key() == email.Key() }); i >= 0 {
			q.ID, q.SealedAt = before[i].ID, before[i].SealedAt
		}
		q.Asked, q.Until = room.o.Clock(), until
		if err := room.ask(tx, a, &q); err != nil {
			return nil, err
		}
		asked = append(asked, q)
	}
	return asked, nil
}

// ask keeps a request with a new link and mails the link.
func (room *Room) ask(tx *store.Tx, a *Application, q *TravelRequest) error {
	link, err := secret.New(room.o.Random)
	if err != nil {
		return err
	}
	if q.ID == "" {
		id, err := store.NewID(room.o.Random)
		if err != nil {
			return err
		}
		q.ID = TravelID(id)
		_, err = tx.Exec(travelKeep, room.o.Org, q.ID, q.Application, q.Dialogue, q.Name, q.Email, q.Email.Key(), q.Lang, link.Hash(),
			store.Micros(q.Asked), store.Micros(q.Until), []byte{}, int64(0))
		if err != nil {
			return err
		}
	} else if _, err := tx.Exec(travelRenew, link.Hash(), store.Micros(q.Asked), store.Micros(q.Until), room.o.Org, q.ID); err != nil {
		return err
	}
	key := "application.mail.travel"
	if a.Listing != Public {
		key = "application.mail.details" // says nothing of what it is about
	}
	return room.write(tx, q.Email, q.Lang, key, true, q.Until, "Name", q.Name, "Organisation", a.Name,
		"Link", room.url(q.Lang, "/applications/travel?key="+link.Reveal()), "Until", room.o.Catalogues.Instant(q.Lang, q.Until.UTC()))
}

// checkTravel reads what a person sent and tells what is wrong with it.
func checkTravel(in url.Values) (Answers, page.Invalids) {
	typed, wrong := read(travelQuestions, in)
	for _, q := range travelQuestions {
		value := typed.One(q.ID)
		bad := func(key string, pairs ...any) {
			wrong = append(wrong, page.Invalid{Field: q.ID, Key: key, Pairs: append([]any{"Label", travelLabel(q.ID)}, pairs...)})
		}
		switch n := utf8.RuneCountInString(value); {
		case value == "" && q.Required:
			bad("application.field.missing")
		case value == "":
		case q.Kind == travelDate:
			if d, err := locale.ParseDate(value); err != nil || d.Day == 0 {
				bad("application.travel.date")
			}
		case q.Kind == mechanism.FieldCountry:
			if !isCountry(value) {
				bad("application.field.choice")
			}
		case n > most(q):
			bad("application.field.long", "Max", most(q), "Length", n)
		}
	}
	return typed, wrong
}

// travelLabel names a question of the catalogue's in what is wrong with its answer.
type travelLabel string

// sealTravel seals what a person sent and keeps it in place of what they sent before.
func (room *Room) sealTravel(tx *store.Tx, q TravelRequest, typed Answers) error {
	a, err := room.Application(tx, q.Application)
	if err != nil {
		return err
	}
	c, err := room.o.Cycle.Call(tx, a.Call)
	if err != nil {
		return err
	}
	var answers []sealedAnswer
	size := 400
	for _, question := range travelQuestions {
		answers = append(answers, sealedAnswer{question.ID, room.o.Catalogues.Text(locale.English, "application.travel."+question.ID), typed.All(question.ID)})
		if question.Kind == travelDate {
			size += 500
		} else {
			size += space(question)
		}
	}
	sealed, err := room.sealAnswers(c, "travel", string(q.ID), answers, size)
	if err != nil {
		return err
	}
	_, err = tx.Exec(travelSeal, sealed, store.Micros(room.o.Clock()), room.o.Org, q.ID)
	return err
}
