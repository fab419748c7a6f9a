package intervention

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

const (
	insertMention = `
		insert into input_mention (org, input, lang, number, place, code, reason, person)
		values ($1, $2, $3, $4, $5, $6, $7, $8)
		on conflict (org, input, lang, number, place) do update set
		  code = excluded.code, reason = excluded.reason, person = excluded.person`

	selectMentions = `
		select lang, number, place, code, reason
		from input_mention
		where org = $1 and input = $2`
)

// Place is a mention in a text that waits, with what was decided about it.
type Place struct {
	Mention
	Lang   string
	Number int
	// Reason is why it is kept; empty while nobody has decided.
	Reason string
}

type placeKey struct {
	lang   string
	number int
	place  int
	code   string
}

// places finds the mentions in the texts that wait.
func (room *Room) places(tx *store.Tx, in *Input, texts []Text) (all []Place, err error) {
	kept := map[placeKey]string{}
	err = each(tx, func(rows *sql.Rows) error {
		var k placeKey
		var reason string
		err := rows.Scan(&k.lang, &k.number, &k.place, &k.code, &reason)
		kept[k] = reason
		return err
	}, selectMentions, string(room.o.Org), string(in.ID))
	if err != nil {
		return nil, err
	}
	for _, t := range waiting(texts, in.Lang) {
		at := 0
		for i, p := range t.Paragraphs {
			for _, m := range Mentions(p, t.Lang) {
				m.Paragraph = i
				all = append(all, Place{m, t.Lang, t.Number, kept[placeKey{t.Lang, t.Number, at + m.Start, m.Code}]})
			}
			at += len(p) + 2
		}
	}
	return all, nil
}

// offset is where a mention's paragraph and place are in the whole text, as input_mention counts.
func offset(paragraphs []string, m Mention) int {
	at := m.Start
	for _, p := range paragraphs[:m.Paragraph] {
		at += len(p) + 2
	}
	return at
}

// Keep decides that mentions of a country stay in the texts that wait, for a reason. code chooses the country.
func (room *Room) Keep(ctx context.Context, actor party.Actor, d dialogue.ID, id ID, version int, code, reason string) error {
	reason, err := line("reason", reason, MaxNote, true)
	if err != nil {
		return err
	}
	return room.change(ctx, actor, d, id, version, func(tx *store.Tx, in *Input, texts []Text) error {
		if in.State != Confirmed {
			return errState
		}
		all, err := room.places(tx, in, texts)
		if err != nil {
			return err
		}
		n := 0
		for _, p := range all {
			if p.Code != code {
				continue
			}
			n++
			t := newest(texts, p.Lang, false)
			_, err := tx.Exec(insertMention, string(room.o.Org), string(in.ID), p.Lang, p.Number, offset(t.Paragraphs, p.Mention), p.Code, reason, string(actor.Person))
			if err != nil {
				return fmt.Errorf("keeping a mention: %w", err)
			}
		}
		if n == 0 {
			return errState
		}
		if err := room.keep(tx, in); err != nil {
			return err
		}
		return room.note(tx, in, actKept, code+": "+reason, actor.Person)
	})
}

// errMentions: countries are named about which nobody has decided.
var errMentions = &page.Problem{Status: http.StatusConflict, Key: "intervention.problem.mentions"}

// Check says that somebody has looked at the countries that the waiting texts name: each is kept with a reason, or gone.
func (room *Room) Check(ctx context.Context, actor party.Actor, d dialogue.ID, id ID, version int) error {
	return room.change(ctx, actor, d, id, version, func(tx *store.Tx, in *Input, texts []Text) error {
		if in.State != Confirmed {
			return errState
		}
		all, err := room.places(tx, in, texts)
		if err != nil {
			return err
		}
		for _, p := range all {
			if p.Reason == "" {
				return errMentions
			}
		}
		in.State = Checked
		if err := room.keep(tx, in); err != nil {
			return err
		}
		return room.note(tx, in, actChecked, "", actor.Person)
	})
}

// Publish enters the texts that wait into the public record, from where they can be cited.
func (room *Room) Publish(ctx context.Context, actor party.Actor, d dialogue.ID, id ID, version int) error {
	return room.change(ctx, actor, d, id, version, func(tx *store.Tx, in *Input, texts []Text) error {
		if in.State != Checked {
			return errState
		}
		for _, t := range waiting(texts, in.Lang) {
			entry, err := room.enter(tx, in, texts, t)
			if err != nil {
				return err
			}
			t.Entry = entry // of the slice too: a translation cites the original that is entered with it
			if err := room.keepText(tx, in.ID, *t); err != nil {
				return err
			}
		}
		if in.State = Published; !in.Public() {
			in.Published = room.o.Clock()
			if in.Voice == Sealed {
				in.Published = day(in.Published)
			}
		}
		if err := room.keep(tx, in); err != nil {
			return err
		}
		if err := room.note(tx, in, actPublished, "", actor.Person); err != nil {
			return err
		}
		return room.write(tx, in.Email, in.Mailed, "intervention.mail.published", false, room.o.Clock().Add(14*24*time.Hour), "Link", room.o.Address()+"/"+string(in.Mailed)+in.Path())
	})
}

// Translate adds a text in a further language, or a newer one. It translates the newest version of the original.
func (room *Room) Translate(ctx context.Context, actor party.Actor, d dialogue.ID, id ID, version int, lang string, status Status, text string) error {
	paragraphs := Paragraphs(text)
	lang, langErr := parseLang("lang", lang)
	var statusErr error
	if status != Official && status != Unofficial && status != Machine {
		statusErr = invalid("status", "intervention.status.missing")
	}
	if err := page.Collect(langErr, statusErr, checkText("text", paragraphs)); err != nil {
		return err
	}
	return room.change(ctx, actor, d, id, version, func(tx *store.Tx, in *Input, texts []Text) error {
		switch in.State {
		case Confirmed, Checked, Published:
		default:
			return errState
		}
		if lang == in.Lang {
			return invalid("lang", "intervention.lang.original")
		}
		t := Text{Lang: lang, Status: status, Of: newest(texts, in.Lang, false).Number, Paragraphs: paragraphs, Person: actor.Person, At: room.o.Clock()}
		if err := room.setText(tx, in.ID, texts, t); err != nil {
			return err
		}
		in.State = Confirmed
		if err := room.keep(tx, in); err != nil {
			return err
		}
		return room.note(tx, in, actTranslated, lang, actor.Person)
	})
}

// Withdraw takes an input back, with a reason that stays public. What was never published is deleted.
func (room *Room) Withdraw(ctx context.Context, actor party.Actor, d dialogue.ID, id ID, version int, reason string) error {
	reason, err := line("reason", reason, MaxNote, true)
	if err != nil {
		return err
	}
	return room.change(ctx, actor, d, id, version, func(tx *store.Tx, in *Input, _ []Text) error {
		return room.withdraw(tx, in, reason, actor.Person)
	})
}

// WithdrawOwn is Withdraw by the author, who says no reason.
func (room *Room) WithdrawOwn(ctx context.Context, who Participant, id ID) error {
	return room.o.DB.Write(ctx, func(tx *store.Tx) error {
		in, err := room.Input(tx, id)
		if errors.Is(err, ErrNotFound) || err == nil && !in.of(who) {
			return page.NotFound()
		}
		if err != nil {
			return err
		}
		return room.withdraw(tx, in, "The author has withdrawn it.", "")
	})
}

// of tells whether an input is a participant's own. A sealed voice's is nobody's.
func (in *Input) of(who Participant) bool {
	return in.Person != "" && in.Person == who.Person || in.Person == "" && in.Email != "" && in.Email.Key() == who.Email.Key()
}

func (room *Room) withdraw(tx *store.Tx, in *Input, reason string, by party.PersonID) error {
	if in.State == Withdrawn {
		return errState
	}
	if !in.Public() {
		return room.remove(tx, in)
	}
	texts, err := room.texts(tx, in.ID)
	if err != nil {
		return err
	}
	for _, t := range texts {
		if t.Entry == "" {
			_, err = tx.Exec(deleteText, string(room.o.Org), string(in.ID), t.Lang, t.Number)
		} else if _, err = room.o.Ledger.Withdraw(tx, t.Entry, ledger.Notice{At: moment(in, room.o.Clock()), Reason: reason}); errors.Is(err, ledger.ErrWithdrawn) {
			err = nil
		}
		if err != nil {
			return fmt.Errorf("withdrawing a text: %w", err)
		}
	}
	if _, err := tx.Exec(emptyTexts, []byte{}, string(room.o.Org), string(in.ID)); err != nil {
		return err
	}
	for _, query := range []string{deleteMentions, deleteLinks} {
		if _, err := tx.Exec(query, string(room.o.Org), string(in.ID)); err != nil {
			return err
		}
	}
	if err := room.dropFiles(tx, in.ID); err != nil {
		return err
	}
	in.State, in.Note, in.Alike = Withdrawn, reason, ""
	if err := room.keep(tx, in); err != nil {
		return err
	}
	return room.note(tx, in, actWithdrawn, "", by)
}
