package floor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/store"
)

// The entries of the floor in the public record; docs/formats/floor.md specifies their texts.

// entryPrefix begins the types of the floor's entries; the words behind it are those of recorded and "turn".
const entryPrefix = "floor."

// recorded are the acts that are entries, with the word of their type. Others can be told from the turns.
var recorded = map[What]string{
	Opened: "opened", Adjourned: "closed", ListOpened: "list-opened", ListClosed: "list-closed", TookUp: "item-taken-up",
	Extended: "time-extended", ReplyNow: "order-changed",
	CalledFirst: "order-changed", CalledOut: "order-changed", Moved: "order-changed", Skipped: "order-changed", Removed: "order-changed",
}

type actText struct {
	Dialogue dialogue.ID `json:"dialogue"`
	Sample   bool        `json:"sample,omitempty"`
	Number   int         `json:"number"`
	What     What        `json:"what"`
	Item     ItemID      `json:"item,omitempty"`
	Request  int         `json:"request,omitempty"`
	Who      string      `json:"who,omitempty"`
	Type     string      `json:"type,omitempty"`
	Before   int         `json:"before,omitempty"`
	Seconds  int         `json:"seconds,omitempty"`
	Reason   string      `json:"reason,omitempty"`
}

type turnText struct {
	Dialogue dialogue.ID `json:"dialogue"`
	Sample   bool        `json:"sample,omitempty"`
	Number   int         `json:"number"`
	Item     ItemID      `json:"item"`
	Kind     Kind        `json:"kind"`
	Request  int         `json:"request,omitempty"`
	Who      string      `json:"who,omitempty"`
	Type     string      `json:"type,omitempty"`
	Mode     Mode        `json:"mode"`
	Lang     string      `json:"lang,omitempty"`
	From     string      `json:"from"`
	To       string      `json:"to"`
	Seconds  int         `json:"seconds"`
	Allotted int         `json:"allotted"`
}

func second(t time.Time) string { return t.UTC().Truncate(time.Second).Format(time.RFC3339) }

// enterAct puts an act of the desk into the public record, if it is one that belongs there.
func (w *work) enterAct(a Act) (ledger.ID, error) {
	word, ok := recorded[a.What]
	if !ok {
		return "", nil
	}
	text, err := json.Marshal(actText{w.Dialogue, w.held.Sample, a.Desk, a.What, a.Item, a.Request, a.Who, a.Type, a.Before, a.Seconds, a.Reason})
	if err != nil {
		return "", err
	}
	return w.room.o.Ledger.Enter(w.tx, ledger.Entry{
		Org: w.room.o.Org, Type: entryPrefix + word, Subject: fmt.Sprintf("floor/%s/desk/%d", w.Dialogue, a.Desk), At: second(a.At), Text: text,
	})
}

// enterTurn puts a turn into the public record when it has ended: by name, by category, or, of somebody who is not to be
// recognised, sealed, with its day alone.
func (w *work) enterTurn(s *Speech) (ledger.ID, error) {
	text, err := json.Marshal(turnText{
		w.Dialogue, w.held.Sample, s.N, s.Item, s.Kind, s.Request, s.Who, s.Type, s.Mode, s.Lang,
		second(s.Began), second(s.Ended), s.Seconds(s.Ended), s.Allotted,
	})
	if err != nil {
		return "", err
	}
	e := ledger.Entry{Org: w.room.o.Org, Type: entryPrefix + "turn", Subject: fmt.Sprintf("floor/%s/turn/%d", w.Dialogue, s.N), At: second(s.Ended), Text: text}
	if s.Naming == Withheld {
		opaque, err := store.NewID(w.room.o.Random)
		if err != nil {
			return "", err
		}
		e.Salt = make([]byte, ledger.SaltSize)
		if _, err := io.ReadFull(w.room.o.Random, e.Salt); err != nil {
			return "", fmt.Errorf("drawing a salt: %w", err)
		}
		e.Sealed, e.Subject, e.At = true, "opaque/"+opaque, s.Ended.UTC().Format(time.DateOnly)
		if _, err := w.tx.Exec(sealTurn, e.Salt, text, string(w.room.o.Org), string(w.Dialogue), s.N); err != nil {
			return "", err
		}
	}
	return w.room.o.Ledger.Enter(w.tx, e)
}

// Resolve says what of the floor's subjects can be cited: that somebody spoke, and what the desk did. What was said is
// not kept here.
func (room *Room) Resolve(ctx context.Context, subject string) (ledger.Citable, error) {
	parts := strings.Split(subject, "/")
	if len(parts) != 4 || parts[0] != "floor" {
		return ledger.Citable{}, ledger.ErrNotFound
	}
	n, err := strconv.Atoi(parts[3])
	if err != nil {
		return ledger.Citable{}, ledger.ErrNotFound
	}
	id, lang := dialogue.ID(parts[1]), locale.Of(ctx)
	found := ledger.Citable{Address: "/floor/" + parts[1]}
	err = room.o.DB.Read(ctx, func(tx *store.Tx) error {
		held, err := room.o.Dialogue(tx, id)
		if err != nil {
			return err
		}
		title, _ := held.Title.In(lang)
		f, _, err := readFloor(tx, room.o.Org, id, false)
		if err != nil {
			return err
		}
		say := room.speak(lang, held)
		for i := range f.Speeches {
			if s := &f.Speeches[i]; parts[2] == "turn" && s.N == n {
				found.Title = say.text("floor.record.turn", "N", n, "Who", say.who(s.Naming, s.Who, s.Type), "Dialogue", title.Text)
			}
		}
		for _, a := range f.Acts {
			if parts[2] == "desk" && a.Desk == n {
				found.Title = say.text("floor.record.act", "What", say.text("floor.act."+string(a.What)), "Dialogue", title.Text)
			}
		}
		return nil
	})
	var missing *page.Problem
	if err == nil && found.Title == "" || errors.As(err, &missing) && missing.Status == 404 {
		err = ledger.ErrNotFound
	}
	return found, err
}
