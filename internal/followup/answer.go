package followup

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// AnswerData are what a focal point types.
type AnswerData struct {
	Kind                         string
	Text, Reason, Measure, Owner map[locale.Lang]string
	Date                         string
	Evidence                     string // one address or entry on each line
}

// own is the status of a State's words: nobody but the State stands behind them.
const own = "official"

// readAnswer takes over what was typed. A draft may be unfinished, so only what cannot be kept is wrong.
func readAnswer(data AnswerData) (AnswerKind, Said, error) {
	var s Said
	var errs [6]error
	kind := AnswerKind(data.Kind)
	if kind != "" && !slices.Contains(AnswerKinds(), kind) {
		errs[0] = invalid("kind", "followup.answer.kind.none")
	}
	s.Text, errs[1] = parseWords("text", data.Text, maxText, own)
	s.Reason, errs[2] = parseWords("reason", data.Reason, maxText, own)
	s.Measure, errs[3] = parseWords("measure", data.Measure, maxText, own)
	s.Owner, errs[4] = parseWords("owner", data.Owner, maxLine, own)
	s.Evidence, errs[5] = parseEvidence("evidence", data.Evidence)
	err := page.Collect(errs[:]...)
	if s.Date = strings.TrimSpace(data.Date); s.Date != "" {
		d, bad := locale.ParseDate(s.Date)
		if bad != nil {
			return kind, s, page.Collect(err, invalid("date", "followup.answer.date.bad"))
		}
		s.Date = d.String()
	}
	return kind, s, err
}

// Missing says what an answer of its kind still needs before anybody can clear it.
func (a *Answer) Missing(said []Answer) error {
	var errs []error
	need := func(field string, missing bool) {
		if missing {
			name, _, _ := strings.Cut(field, "-")
			errs = append(errs, invalid(field, "followup.answer.missing."+name))
		}
	}
	at := "-" + string(locale.English)
	switch a.Kind {
	case TakesUp, TakesUpInPart:
		need("measure"+at, len(a.Measure) == 0)
		need("owner"+at, len(a.Owner) == 0)
		need("date", a.Date == "")
		need("text"+at, a.Kind == TakesUpInPart && len(a.Text) == 0)
	case Differs, Declines:
		need("reason"+at, len(a.Reason) == 0)
	case Informs:
		need("text"+at, len(a.Text) == 0)
	case Progress:
		need("text"+at, len(a.Text) == 0)
		if _, ok := Commitment(said, a.State); !ok {
			errs = append(errs, invalid("kind", "followup.answer.progress.none"))
		}
	default:
		need("kind", true)
	}
	return page.Collect(errs...)
}

// draft finds what a State is drafting on a point that was put to it, for a focal point of the State. edit is what the
// actor saw; -1 for whatever stands.
func (room *Room) draft(tx *store.Tx, actor party.Actor, id PointID, state string, edit int) (*Point, []Answer, Answer, error) {
	if err := party.Allow(actor, party.AnswerPoint, party.OfState(state)); err != nil {
		return nil, nil, Answer{}, err
	}
	p, err := room.Point(tx, id)
	if err != nil {
		return nil, nil, Answer{}, err
	}
	to, err := room.Deliveries(tx, id)
	if err != nil {
		return nil, nil, Answer{}, err
	}
	if !slices.ContainsFunc(to, func(d Delivery) bool { return d.State == state }) {
		return nil, nil, Answer{}, ErrNotFound // a State sees only what was put to it
	}
	said, a, err := room.open(tx, id, state)
	if err == nil && edit >= 0 && a.Edit != edit {
		err = changed()
	}
	return p, said, a, err
}

// SaveAnswer keeps a draft. A draft that had been handed to a second person is the writer's again, for the second person
// clears the words that they read. edit is the change that the writer saw.
func (room *Room) SaveAnswer(ctx context.Context, actor party.Actor, id PointID, state string, edit int, data AnswerData) error {
	kind, said, err := readAnswer(data)
	if err != nil {
		return err
	}
	return room.o.DB.Write(ctx, func(tx *store.Tx) error {
		p, _, a, err := room.draft(tx, actor, id, state, edit)
		if err != nil {
			return err
		}
		if err := p.stands(); err != nil {
			return err
		}
		return room.saveAnswer(tx, actor, a, kind, said)
	})
}

func (room *Room) saveAnswer(tx *store.Tx, actor party.Actor, a Answer, kind AnswerKind, said Said) error {
	a.Kind, a.Said, a.Stage, a.Writer, a.Clearer, a.At = kind, said, Draft, actor.Person, "", room.o.Clock()
	a.Edit++
	return room.keepAnswer(tx, &a)
}

// HandAnswer hands a draft to a second person. What is missing for its kind is said.
func (room *Room) HandAnswer(ctx context.Context, actor party.Actor, id PointID, state string, edit int) error {
	return room.o.DB.Write(ctx, func(tx *store.Tx) error {
		p, said, a, err := room.draft(tx, actor, id, state, edit)
		if err != nil {
			return err
		}
		if err := p.stands(); err != nil {
			return err
		}
		if a.Edit == 0 || a.Stage != Draft {
			return changed()
		}
		if err := a.Missing(said); err != nil {
			return err
		}
		a.Stage, a.Note, a.At = Handed, "", room.o.Clock()
		a.Edit++
		return room.keepAnswer(tx, &a)
	})
}

// ReturnAnswer gives a draft that was handed over back to its writer, with a note.
func (room *Room) ReturnAnswer(ctx context.Context, actor party.Actor, id PointID, state string, edit int, note string) error {
	note, err := clean("note", note, maxReason)
	if err != nil {
		return err
	}
	return room.o.DB.Write(ctx, func(tx *store.Tx) error {
		_, _, a, err := room.draft(tx, actor, id, state, edit)
		if err != nil {
			return err
		}
		if a.Stage != Handed {
			return changed()
		}
		a.Stage, a.Note, a.At = Draft, note, room.o.Clock()
		a.Edit++
		return room.keepAnswer(tx, &a)
	})
}

// DropAnswer throws a draft away.
func (room *Room) DropAnswer(ctx context.Context, actor party.Actor, id PointID, state string, edit int) error {
	return room.o.DB.Write(ctx, func(tx *store.Tx) error {
		_, _, a, err := room.draft(tx, actor, id, state, edit)
		if err != nil || a.Edit == 0 {
			return err
		}
		_, err = tx.Exec(answerDrop, room.o.Org, a.Point, a.State, a.Number)
		return err
	})
}

// answerText is what the public record says of an answer. No person is named in it.
type answerText struct {
	Point  PointID    `json:"point"`
	State  string     `json:"state"`
	Number int        `json:"number"`
	Kind   AnswerKind `json:"kind"`
	Sample bool       `json:"sample,omitempty"`
	Said
}

// ClearAnswer publishes what was handed over: the second person says that the State says this. Whoever made the last
// change cannot be that person, so two persons stand behind every word.
func (room *Room) ClearAnswer(ctx context.Context, actor party.Actor, id PointID, state string, edit int) error {
	return room.o.DB.Write(ctx, func(tx *store.Tx) error {
		p, said, a, err := room.draft(tx, actor, id, state, edit)
		if err != nil {
			return err
		}
		if err := p.stands(); err != nil {
			return err
		}
		if a.Stage != Handed {
			return changed()
		}
		if a.Writer == actor.Person {
			return conflict("followup.answer.second")
		}
		if err := a.Missing(said); err != nil {
			return err
		}
		cites := append([]ledger.ID{p.Entry}, cited(a.Evidence)...)
		to, err := room.Deliveries(tx, id)
		if err != nil {
			return err
		}
		for _, d := range to {
			if d.State == state {
				cites = append(cites, d.Entry, d.Proof)
			}
		}
		for _, before := range said {
			cites = append(cites, before.Entry)
		}
		a.Stage, a.Clearer, a.At = Published, actor.Person, room.o.Clock()
		a.Entry, err = room.enter(tx, id, answerPublished, state, answerText{id, state, a.Number, a.Kind, p.Sample, a.Said}, cites...)
		if errors.Is(err, ledger.ErrNotFound) {
			return invalid("evidence", "followup.evidence.entry")
		}
		if err != nil {
			return fmt.Errorf("publishing an answer: %w", err)
		}
		return room.keepAnswer(tx, &a)
	})
}

// WithdrawAnswer takes back what a State has said. One focal point of the State is enough: where less is public, no second
// person is needed. The words go from the pages and the record; that they were there stays, with the reason.
func (room *Room) WithdrawAnswer(ctx context.Context, actor party.Actor, id PointID, state string, number int, reason string) error {
	if err := party.Allow(actor, party.AnswerPoint, party.OfState(state)); err != nil {
		return err
	}
	reason, err := readReason(reason)
	if err != nil {
		return err
	}
	return room.o.DB.Write(ctx, func(tx *store.Tx) error {
		said, _, err := room.open(tx, id, state)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(said, func(a Answer) bool { return a.Number == number })
		if i < 0 || said[i].Stage != Published {
			return ErrNotFound
		}
		a := said[i]
		if err := room.withdraw(tx, id, answerWithdrawn, state, reason, a.Entry); err != nil {
			return err
		}
		a.Stage, a.Said, a.At = Withdrawn, Said{}, room.o.Clock()
		return room.keepAnswer(tx, &a)
	})
}

// readReason reads why something is taken back. It stays public.
func readReason(s string) (string, error) {
	s, err := clean("reason", s, maxReason)
	if err == nil && s == "" {
		err = invalid("reason", "followup.reason.none")
	}
	return s, err
}
