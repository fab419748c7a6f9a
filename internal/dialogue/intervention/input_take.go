package intervention

import (
	"context"
	"fmt"
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// What happened to an input, as input_act keeps it.
const (
	actReceived   = "received"
	actAsked      = "asked"
	actReminded   = "reminded"
	actConfirmed  = "confirmed"
	actOnPaper    = "confirmed-on-paper"
	actRefused    = "refused"
	actReturned   = "returned"
	actKept       = "mention-kept"
	actRouted     = "routed"
	actChecked    = "checked"
	actPublished  = "published"
	actTranslated = "translated"
	actCorrected  = "corrected"
	actWithdrawn  = "withdrawn"
	actAddressed  = "addressed"
)

// Sending is what a participant sends in writing, with their choices.
type Sending struct {
	// Token is the form's own: the same form sent twice is taken once.
	Token string
	Text  string
	Lang  string
	Item  string
	Needs []string
	Choice
	Files []Upload
}

// Choice is how an author wants to be shown.
type Choice struct {
	Voice Voice
	// Line is what a sealed voice wants to be able to prove, in their own words.
	Line string
	// Handing agrees that passages that name a State go to that State's focal point.
	Handing bool
}

// Send takes what a participant writes. Whoever takes part by account or link has confirmed it by sending. Of a sealed
// voice it gives the authorship file, which nobody can give again.
func (room *Room) Send(ctx context.Context, id dialogue.ID, who Participant, s Sending) (in *Input, proof *Authorship, err error) {
	paragraphs := Paragraphs(s.Text)
	lang, langErr := parseLang("lang", s.Lang)
	choice, choiceErr := checkChoice(s.Choice)
	if err := page.Collect(checkText("text", paragraphs), langErr, choiceErr, checkFiles(s.Files)); err != nil {
		return nil, nil, err
	}
	if s.Voice == Sealed {
		s.Files = nil // a file may say who made it
	}
	blobs, err := room.store(ctx, s.Files)
	if err != nil {
		return nil, nil, err
	}
	err = room.o.DB.Write(ctx, func(tx *store.Tx) error {
		in, proof = nil, nil
		held, err := room.o.Dialogue(tx, id)
		if err != nil {
			return err
		}
		if !held.Open {
			return errClosed
		}
		first, err := room.firstTime(tx, s.Token)
		if err != nil || !first {
			return err
		}
		in = &Input{Dialogue: id, Kind: Written, Author: who.Author, Mailed: who.Lang, Item: s.Item, Needs: room.knownNeeds(s.Needs), Lang: lang, Source: "form"}
		if err := room.take(tx, held, in, Text{Lang: lang, Status: Official, Paragraphs: paragraphs}, ""); err != nil {
			return err
		}
		if err := room.keepFiles(tx, in.ID, blobs); err != nil {
			return err
		}
		proof, err = room.confirm(tx, in, choice, actConfirmed, "", "")
		return err
	})
	if err != nil || in == nil {
		room.discard(ctx, blobs)
	}
	if err != nil {
		return nil, nil, err
	}
	return in, proof, nil
}

// FloorInput is what a participant sent in writing from the floor.
type FloorInput struct {
	Dialogue    dialogue.ID
	Item        string
	Participant Participant
	Lang, Text  string
}

// FromFloor takes what was sent in writing from the floor, in the transaction that sends it. It is confirmed by the
// sending; of a sealed voice it waits for the link, at which the authorship file is given, unless there is no address.
func (room *Room) FromFloor(tx *store.Tx, f FloorInput) error {
	held, err := room.o.Dialogue(tx, f.Dialogue)
	if err != nil {
		return err
	}
	lang, err := parseLang("lang", f.Lang)
	if err != nil {
		lang = "und"
	}
	paragraphs := Paragraphs(f.Text)
	if err := checkText("text", paragraphs); err != nil {
		return err
	}
	p := f.Participant
	in := &Input{Dialogue: f.Dialogue, Kind: Written, Voice: p.Voice, Author: p.Author, Mailed: p.Lang, Item: f.Item, Lang: lang, Source: "floor"}
	if err := room.take(tx, held, in, Text{Lang: lang, Status: Official, Paragraphs: paragraphs}, ""); err != nil {
		return err
	}
	if p.Voice == Sealed && p.Email != "" {
		return room.ask(tx, in, actAsked, "", "")
	}
	_, err = room.confirm(tx, in, Choice{Voice: p.Voice}, actConfirmed, "", "")
	return err
}

var errClosed = &page.Problem{Status: 409, Key: "intervention.problem.closed"}

// take keeps a new input with its original.
func (room *Room) take(tx *store.Tx, held Held, in *Input, t Text, by party.PersonID) (err error) {
	if in.ID, err = newID(room); err != nil {
		return err
	}
	if in.Erases, err = room.o.Erases(tx, held.ID); err != nil {
		return fmt.Errorf("taking an input: %w", err)
	}
	now := room.o.Clock()
	in.Sample, in.Received, in.State = held.Sample, now, Draft
	if in.Voice == "" {
		in.Voice = Category // shows the least of those that ask nothing of the author
	}
	if !in.Mailed.Known() {
		in.Mailed = locale.English
	}
	if in.Alike, err = room.alike(tx, held.ID, t.Paragraphs); err != nil {
		return err
	}
	t.At, t.Person = now, by
	if err := room.insert(tx, in); err != nil {
		return err
	}
	if err := room.setText(tx, in.ID, nil, t); err != nil {
		return err
	}
	return room.note(tx, in, actReceived, "", by)
}

// checkChoice checks how an author wants to be shown.
func checkChoice(c Choice) (Choice, error) {
	switch c.Voice {
	case Named, Category, Sealed:
	default:
		return c, invalid("voice", "intervention.voice.missing")
	}
	l, err := line("line", c.Line, MaxLine, false)
	c.Line = l
	return c, err
}

func (room *Room) knownNeeds(ids []string) (out []string) {
	for _, n := range room.o.Needs {
		for _, id := range ids {
			if n.ID == id {
				out = append(out, id)
			}
		}
	}
	return out
}

// Received is a text that an officer takes in from a file, a message or a transcript.
type Received struct {
	Participant
	Kind       Kind
	Source     string
	Lang       string
	Item       string
	Speech     int
	At         time.Time
	Paragraphs []string
	Doubts     []int
	Files      []Upload
}

// TakeIn keeps texts as drafts and, where the author has an address, asks them to confirm. It gives the new inputs.
func (room *Room) TakeIn(ctx context.Context, actor party.Actor, id dialogue.ID, token string, all []Received) (taken []*Input, err error) {
	var blobs [][]kept
	for _, one := range all {
		if err := page.Collect(checkText("file", one.Paragraphs), checkFiles(one.Files)); err != nil {
			return nil, err
		}
		b, err := room.store(ctx, one.Files)
		blobs = append(blobs, b)
		if err != nil {
			room.discard(ctx, flat(blobs))
			return nil, err
		}
	}
	err = room.o.DB.Write(ctx, func(tx *store.Tx) error {
		taken = nil
		held, err := room.desk(tx, actor, id)
		if err != nil {
			return err
		}
		first, err := room.firstTime(tx, token)
		if err != nil || !first {
			return err
		}
		for i, one := range all {
			lang, err := parseLang("lang", one.Lang)
			if err != nil {
				return err
			}
			in := &Input{Dialogue: id, Kind: one.Kind, Voice: one.Voice, Author: one.Author, Mailed: one.Participant.Lang, Item: one.Item, Speech: one.Speech, Lang: lang, Source: one.Source}
			if err := room.take(tx, held, in, Text{Lang: lang, Status: Official, Paragraphs: one.Paragraphs, Doubts: one.Doubts}, actor.Person); err != nil {
				return err
			}
			if err := room.keepFiles(tx, in.ID, blobs[i]); err != nil {
				return err
			}
			if in.Email != "" {
				if err := room.ask(tx, in, actAsked, "", actor.Person); err != nil {
					return err
				}
			}
			taken = append(taken, in)
		}
		return nil
	})
	if err != nil || len(taken) == 0 {
		room.discard(ctx, flat(blobs))
	}
	return taken, err
}

// desk finds a dialogue whose inputs the actor works on.
func (room *Room) desk(tx *store.Tx, actor party.Actor, id dialogue.ID) (Held, error) {
	held, err := room.o.Dialogue(tx, id)
	if err != nil {
		return held, err
	}
	return held, party.Allow(actor, room.o.Run, held.scope())
}
