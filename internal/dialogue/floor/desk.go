package floor

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// Stamp says which page a form was sent from.
type Stamp struct {
	// Token is the form's own; a form that was taken is not taken again.
	Token string
	// Desk is how many acts of the desk the page knew of; AnyDesk for a form that stands whatever was done since.
	Desk int
}

// AnyDesk stands for an act that does not depend on what others did.
const AnyDesk = -1

// Command is what the desk wants to be done. What says which of the other fields count.
type Command struct {
	What        What
	Item        ItemID
	Request     int
	Participant ParticipantID
	Panellist   int // from 1, of the item taken up; 0 for none
	Kind        Kind
	Mode        Mode
	Lang        string
	Seconds     int
	Settings    Settings
	Phase       Phase
	// Reason is public. Overrides need one.
	Reason string
}

// Overtaken tells that somebody else acted at the desk since the page was made. Nothing was done.
type Overtaken struct{ Since []Act }

func (o *Overtaken) Error() string {
	return fmt.Sprintf("%d acts of the desk came before this one", len(o.Since))
}

// work is a change of a floor that is being made, in one transaction.
type work struct {
	*scene
	room     *Room
	tx       *store.Tx
	counters counters
	now      time.Time
}

// change opens a floor for a change and tells the listeners when it is kept. A form that says the same under the same
// token was taken before and changes nothing; one that says something else, as after going back, is another form.
func (room *Room) change(ctx context.Context, id dialogue.ID, token string, says any, fn func(w *work) error) error {
	if !validToken(token) {
		return page.Unreadable(errors.New("the form has no token"))
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%#v", says))
	token += "." + hex.EncodeToString(sum[:8])
	err := room.o.DB.Write(ctx, func(tx *store.Tx) error {
		s, c, err := room.readScene(tx, id, true)
		if err != nil {
			return err
		}
		w := &work{scene: s, room: room, tx: tx, counters: c, now: room.o.Clock()}
		first, err := w.firstTime(token)
		if err != nil || !first {
			return err
		}
		if err := fn(w); err != nil {
			return err
		}
		w.Change++
		if err := w.keepFloor(); err != nil {
			return err
		}
		tx.OnCommit(func() { room.touch(id) })
		return nil
	})
	if err != nil {
		return fmt.Errorf("changing the floor of %s: %w", id, err)
	}
	return nil
}

// validToken tells whether a form's token may be one of ours.
func validToken(token string) bool {
	return len(token) >= 10 && len(token) <= 40 && strings.Trim(token, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

// Do does what somebody at the desk wants. It answers *Overtaken when others acted in between, page.Invalids for what
// was typed, and a *page.Problem for what cannot be done.
func (room *Room) Do(ctx context.Context, actor party.Actor, id dialogue.ID, stamp Stamp, c Command) error {
	do, ok := deskDoes[c.What]
	if !ok {
		return page.Unreadable(fmt.Errorf("the desk does not know %q", c.What))
	}
	return room.change(ctx, id, stamp.Token, c, func(w *work) error {
		if err := party.Allow(actor, room.o.Run, w.held.scope()); err != nil {
			return err
		}
		if stamp.Desk != AnyDesk && stamp.Desk != w.Desk {
			o := &Overtaken{}
			for _, a := range w.Acts {
				if a.Desk > stamp.Desk {
					o.Since = append(o.Since, a)
				}
			}
			return o
		}
		act := Act{What: c.What, Item: w.Item}
		var err error
		if act.Reason, err = reason(c.Reason); err != nil {
			return err
		}
		if err := do(w, c, &act); err != nil {
			return err
		}
		w.Desk++
		act.Desk, act.At, act.Person = w.Desk, w.now, actor.Person
		if act.Entry, err = w.enterAct(act); err != nil {
			return err
		}
		return w.insertAct(act)
	})
}

// deskDoes is everything that the desk can do.
var deskDoes = map[What]func(*work, Command, *Act) error{
	Opened:      (*work).open,
	Adjourned:   (*work).adjourn,
	TookUp:      (*work).takeUp,
	ListOpened:  (*work).openList,
	ListClosed:  (*work).closeList,
	PhaseTurned: (*work).turnPhase,
	SettingsSet: (*work).setUp,
	Asked:       (*work).askFor,
	Called:      (*work).call,
	CalledOut:   (*work).callOut,
	Paused:      (*work).pause,
	Resumed:     (*work).resume,
	Stopped:     (*work).stop,
	Extended:    (*work).extend,
	Moved:       (*work).move,
	Skipped:     (*work).skip,
	Removed:     (*work).remove,
	ReplyNow:    (*work).replyNow,
}

// MaxReason and MaxText bound what people type, in characters.
const (
	MaxReason = 300
	MaxText   = 20_000
)

// reason reads why the chair departs from the rule.
func reason(s string) (string, error) {
	s = strings.Join(strings.Fields(norm.NFC.String(s)), " ")
	if !page.Clean(s) {
		return "", invalid("reason", "floor.problem.unreadable")
	}
	if utf8.RuneCountInString(s) > MaxReason {
		return "", invalid("reason", "floor.problem.long", "Max", MaxReason)
	}
	return s, nil
}

func invalid(field, key string, pairs ...any) page.Invalids {
	return page.Invalids{{Field: field, Key: key, Pairs: pairs}}
}

func conflict(key string, pairs ...any) error {
	return &page.Problem{Status: 409, Key: key, Pairs: pairs}
}

// needReason refuses an override without a reason.
func (a *Act) needReason() error {
	if a.Reason == "" {
		return invalid("reason", "floor.problem.reason")
	}
	return nil
}

// about notes of whom an act speaks, as they want to be shown.
func (a *Act) about(p Participant) {
	a.participant, a.Naming, a.Type = p.ID, p.Naming, p.shownType()
	if p.Naming == ByName {
		a.Who = p.Name
	}
}
