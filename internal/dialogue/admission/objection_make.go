package admission

import (
	"context"
	"encoding/json"
	"io"
	"strings"
	"time"

	"golang.org/x/text/language"

	"rostrum.example/format/mechanism"
	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/dialogue/application"
	"rostrum.example/internal/dialogue/cycle"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// maxObjector bounds the name of a body that objects, in characters.
const maxObjector = 200

// readObjection takes over what was typed about an objection.
func (room *Room) readObjection(d *cycle.Dialogue, step Step) (Objection, error) {
	// Where the mechanism lets objectors be shown, they are; otherwise only those who agreed.
	o := Objection{Named: step.Named || room.o.Mechanism.Naming.Objectors.Allowed == mechanism.Yes, Told: step.Told}
	answers, err := room.read(application.WithBureau, application.Objected, step.Answers)
	if err != nil {
		return o, err
	}
	o.Ground = answers[answerReason]
	var errs [4]error
	o.Objector, errs[0] = readObjector(answers[answerObjector])
	today := locale.DateOf(room.o.Clock().In(d.Location()))
	o.Made, errs[1] = readDay(answerMade, answers[answerMade])
	if errs[1] == nil && after(o.Made, today) {
		errs[1] = invalid(answerMade, "admission.objection.future")
	}
	o.ReplyBy, errs[2] = readDay(answerReplyBy, answers[answerReplyBy])
	if errs[2] == nil && after(today, o.ReplyBy) {
		errs[2] = invalid(answerReplyBy, "admission.objection.late")
	}
	if o.Told && o.Ground == "" {
		errs[3] = invalid(answerReason, "admission.objection.noground")
	}
	return o, page.Collect(errs[:]...)
}

// readObjector reads a State by its code, or the name of a body.
func readObjector(s string) (string, error) {
	s, err := readLine(answerObjector, s, maxObjector, true)
	if code := strings.ToUpper(s); len(s) == 2 {
		if region, bad := language.ParseRegion(code); bad != nil || !region.IsCountry() || region.String() != code {
			return s, invalid(answerObjector, "admission.objection.code")
		}
		return code, nil
	}
	return s, err
}

func readDay(field, s string) (locale.Date, error) {
	d, err := locale.ParseDate(strings.TrimSpace(s))
	if err != nil || d.Day == 0 {
		return locale.Date{}, invalid(field, "admission.day.bad")
	}
	return d, nil
}

func after(a, b locale.Date) bool { return a.String() > b.String() }

// object makes an objection: the first one is a step of the admission, a further one is an entry beside it.
func (room *Room) object(tx *store.Tx, actor party.Actor, d *cycle.Dialogue, a *application.Application, m *application.Admission, step Step) error {
	by, err := room.may(actor, d.Scope(), m.State, application.Objected)
	if err != nil {
		return err
	}
	o, err := room.newObjection(tx, actor, d, a, step)
	if err != nil {
		return err
	}
	move, err := room.o.Applications.Move(tx, a, m, application.Change{
		To: application.Objected, By: by, Actor: actor.Person, Answers: answersOf(o), Shown: disclosedAnswers(o),
	})
	if err != nil {
		return room.moveError(tx, m, err)
	}
	o.Entry = move.Entry
	if err := room.keepObjection(tx, o, sealedText{}); err != nil {
		return err
	}
	return room.tellObjection(tx, d, a, o)
}

func (room *Room) newObjection(tx *store.Tx, actor party.Actor, d *cycle.Dialogue, a *application.Application, step Step) (Objection, error) {
	o, err := room.readObjection(d, step)
	if err != nil {
		return o, err
	}
	o.Application, o.Dialogue, o.At, o.Actor = a.ID, d.ID, room.o.Clock(), actor.Person
	o.ID, err = store.NewID(room.o.Random)
	return o, err
}

// answersOf is what the secretariat sees of an objection in the history of an application.
func answersOf(o Objection) map[string]string {
	all := map[string]string{answerObjector: o.Objector, answerMade: dayText(o.Made), answerReplyBy: dayText(o.ReplyBy)}
	if o.Ground != "" {
		all[answerReason] = o.Ground
	}
	return all
}

// disclosedAnswers is what the applicant and the public record may read.
func disclosedAnswers(o Objection) map[string]string {
	all := map[string]string{answerMade: dayText(o.Made), answerReplyBy: dayText(o.ReplyBy)}
	shown := o.Disclose()
	if shown.Objector != "" {
		all[answerObjector] = shown.Objector
	}
	if shown.Ground != "" {
		all[answerReason] = shown.Ground
	}
	return all
}

// ObjectAgain adds the objection of another State or body to an application that has been objected to already.
func (room *Room) ObjectAgain(ctx context.Context, actor party.Actor, id dialogue.ID, a application.ID, step Step) error {
	return room.o.DB.Write(ctx, func(tx *store.Tx) error {
		d, err := room.dialogue(tx, id)
		if err != nil {
			return err
		}
		if err := room.mayObjectAgain(actor, d); err != nil {
			return err
		}
		app, m, err := room.admission(tx, d, a)
		if err != nil {
			return err
		}
		switch {
		case m.State != application.Objected && m.State != application.Replied:
			return problem(409, "admission.step.order")
		case m.Version != step.Version:
			return room.movedMeanwhile(ctx, m)
		}
		o, err := room.newObjection(tx, actor, d, app, step)
		if err != nil {
			return err
		}
		s, err := room.enterObjection(tx, app, m, &o, "application.objection")
		if err != nil {
			return err
		}
		if err := room.keepObjection(tx, o, s); err != nil {
			return err
		}
		return room.tellObjection(tx, d, app, o)
	})
}

// mayObjectAgain: a member of the bureau objects; an officer writes down the objection of a State.
func (room *Room) mayObjectAgain(actor party.Actor, d *cycle.Dialogue) error {
	if party.Allow(actor, party.ObjectToApplication, d.Scope()) == nil {
		return nil
	}
	return party.Allow(actor, party.CheckApplication, d.Scope())
}

// objectionText is what the public record says of an objection beside the steps.
type objectionText struct {
	Dialogue    dialogue.ID       `json:"dialogue"`
	Application application.ID    `json:"application"`
	Sample      bool              `json:"sample,omitempty"`
	Name        string            `json:"organisation"`
	Answers     map[string]string `json:"answers"`
}

// enterObjection enters an objection that is no step: opaque, with a subject of its own that leads to nobody, unless the
// organisation may be listed in public.
func (room *Room) enterObjection(tx *store.Tx, a *application.Application, m *application.Admission, o *Objection, kind string) (sealedText, error) {
	text, err := json.Marshal(objectionText{o.Dialogue, a.ID, a.Sample, a.Name, disclosedAnswers(*o)})
	if err != nil {
		return sealedText{}, err
	}
	var s sealedText
	e := ledger.Entry{Org: room.o.Org, Type: kind, Subject: m.Subject, At: stamp(room.o.Clock()), Text: text}
	if a.Listing == application.Public && !strings.HasPrefix(m.Subject, "opaque/") {
		if m.Entry != "" {
			e.Cites = []ledger.ID{m.Entry}
		}
	} else {
		name, err := store.NewID(room.o.Random)
		if err != nil {
			return s, err
		}
		s = sealedText{make([]byte, ledger.SaltSize), text}
		if _, err := io.ReadFull(room.o.Random, s.salt); err != nil {
			return s, err
		}
		e.Subject, e.Sealed, e.Salt = "opaque/"+name, true, s.salt
	}
	o.Entry, err = room.o.Ledger.Enter(tx, e)
	return s, err
}

// stamp writes an instant as the public record does.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// DiscloseObjection changes what of an objection may be read. What was disclosed stands in the record and stays.
func (room *Room) DiscloseObjection(ctx context.Context, actor party.Actor, id dialogue.ID, objection string, named, told bool) error {
	return room.o.DB.Write(ctx, func(tx *store.Tx) error {
		d, err := room.dialogue(tx, id)
		if err != nil {
			return err
		}
		if err := room.mayObjectAgain(actor, d); err != nil {
			return err
		}
		all, err := room.Objections(tx, id)
		if err != nil {
			return err
		}
		for _, o := range all {
			if o.ID != objection {
				continue
			}
			if o.Named && !named || o.Told && !told {
				return problem(409, "admission.objection.public")
			}
			if o.Named == named && o.Told == told {
				return nil
			}
			if told && o.Ground == "" {
				return problem(409, "admission.objection.noground")
			}
			o.Named, o.Told = named, told
			a, m, err := room.admission(tx, d, o.Application)
			if err != nil {
				return err
			}
			s, err := room.enterObjection(tx, a, m, &o, "application.objection.disclosed")
			if err != nil {
				return err
			}
			return room.keepObjection(tx, o, s)
		}
		return page.NotFound()
	})
}

// tellObjection writes to the applicant that there is an objection, what of it is disclosed, and until when to reply. An
// applicant who is not listed in public gets a message that says nothing of what it is about: others may read their mail.
func (room *Room) tellObjection(tx *store.Tx, d *cycle.Dialogue, a *application.Application, o Objection) error {
	if a.Listing != application.Public {
		return room.mail(tx, a, "news")
	}
	shown := o.Disclose()
	lang := known(a.Lang)
	who, ground := room.text(lang, "admission.mail.objection.nobody"), room.text(lang, "admission.mail.objection.noground")
	if shown.Objector != "" {
		who = room.text(lang, "admission.mail.objection.by", "Objector", room.objectorName(lang, shown.Objector))
	}
	if shown.Ground != "" {
		ground = room.text(lang, "admission.mail.objection.ground", "Ground", shown.Ground)
	}
	return room.mail(tx, a, "objection",
		"Organisation", a.Name, "Dialogue", said(d.Title, lang), "Made", room.o.Catalogues.Date(lang, o.Made), "Who", who, "Ground", ground,
		"By", room.o.Catalogues.Date(lang, o.ReplyBy))
}

// objectorName names a State by its code, and a body as it is.
func (room *Room) objectorName(lang locale.Lang, objector string) string {
	if len(objector) == 2 {
		return room.o.Catalogues.Country(lang, objector)
	}
	return objector
}
