package intervention

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/secret"
	"rostrum.example/internal/store"
)

// ask writes to the author with a one-time link. Links from before stop working.
func (room *Room) ask(tx *store.Tx, in *Input, what, note string, by party.PersonID) error {
	if in.Email == "" {
		return invalid("email", "intervention.email.missing")
	}
	key, err := secret.New(room.o.Random)
	if err != nil {
		return err
	}
	now := room.o.Clock()
	until := now.Add(linkFor)
	if _, err := tx.Exec(deleteLinks, string(room.o.Org), string(in.ID)); err != nil {
		return err
	}
	if _, err := tx.Exec(insertLink, string(room.o.Org), key.Hash(), string(in.ID), micros(until)); err != nil {
		return err
	}
	in.State, in.Asked, in.Note = Awaiting, now, note
	if err := room.keep(tx, in); err != nil {
		return err
	}
	text := "intervention.mail.ask"
	switch what {
	case actReminded:
		text = "intervention.mail.remind"
	case actReturned:
		text = "intervention.mail.returned"
	}
	// The message does not say what the text is about: others may read the mail.
	link := room.o.Address() + "/" + string(in.Mailed) + "/inputs/confirm?key=" + key.Reveal()
	if err := room.write(tx, in.Email, in.Mailed, text, true, until, "Link", link, "Until", room.o.Catalogues.Date(in.Mailed, locale.DateOf(until))); err != nil {
		return err
	}
	return room.note(tx, in, what, note, by)
}

// write puts a message into the outbox: KEY.subject and KEY.text.
func (room *Room) write(tx *store.Tx, to party.Email, lang locale.Lang, key string, secret bool, until time.Time, pairs ...any) error {
	if room.o.Mail == nil || to == "" {
		return nil
	}
	pairs = append(pairs, "Operator", room.o.Operator)
	return room.o.Mail.Queue(tx, room.o.Org, party.Message{
		To: to, Lang: lang, Secret: secret, Until: until,
		Subject: room.o.Catalogues.Text(lang, key+".subject", pairs...), Text: room.o.Catalogues.Text(lang, key+".text", pairs...),
	})
}

// errLink: the link does not work, or not any more.
var errLink = &page.Problem{Status: http.StatusForbidden, Key: "intervention.problem.link"}

// opened finds the input of a link, without using it up: programs that look into mail open links too.
func (room *Room) opened(tx *store.Tx, text string) (*Input, error) {
	key, ok := secret.Parse(text)
	if !ok {
		return nil, errLink
	}
	var id ID
	err := tx.QueryRow(selectLink, string(room.o.Org), key.Hash(), micros(room.o.Clock())).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errLink
	}
	if err != nil {
		return nil, err
	}
	in, err := room.Input(tx, id)
	if errors.Is(err, ErrNotFound) || err == nil && in.State != Awaiting {
		return nil, errLink
	}
	return in, err
}

// Answer is what an author says to a text that waits for them.
type Answer struct {
	Version int
	Text    string
	Lang    string
	// Translations are the author's own, by language.
	Item  string
	Needs []string
	Choice
	// Route are the places of paragraphs that go to a State's focal point instead of being published, with its code.
	Route map[int]string
}

// Confirm takes an author's confirmation by their link, which works once. Of a sealed voice it gives the authorship file.
func (room *Room) Confirm(ctx context.Context, key string, a Answer) (in *Input, proof *Authorship, err error) {
	paragraphs := Paragraphs(a.Text)
	lang, langErr := parseLang("lang", a.Lang)
	choice, choiceErr := checkChoice(a.Choice)
	if err := page.Collect(checkText("text", paragraphs), langErr, choiceErr); err != nil {
		return nil, nil, err
	}
	err = room.o.DB.Write(ctx, func(tx *store.Tx) (err error) {
		in, proof = nil, nil
		if in, err = room.opened(tx, key); err != nil {
			return err
		}
		if in.Version != a.Version {
			return errChanged
		}
		if in.Public() && choice.Voice != in.Voice {
			return invalid("voice", "intervention.voice.public") // the versions before show the author as they are
		}
		texts, err := room.texts(tx, in.ID)
		if err != nil {
			return err
		}
		in.Item, in.Needs, in.Handing = a.Item, room.knownNeeds(a.Needs), choice.Handing
		if lang != in.Lang && !in.Public() {
			for _, t := range texts {
				if _, err := tx.Exec(deleteText, string(room.o.Org), string(in.ID), t.Lang, t.Number); err != nil {
					return err
				}
			}
			texts, in.Lang = nil, lang
		}
		rest := paragraphs
		if len(a.Route) > 0 {
			in.Voice = choice.Voice
			if rest, err = room.routeSome(tx, in, paragraphs, a.Route); err != nil {
				return err
			}
		}
		if err := room.setText(tx, in.ID, texts, Text{Lang: in.Lang, Status: Official, Paragraphs: rest, At: room.o.Clock()}); err != nil {
			return err
		}
		proof, err = room.confirm(tx, in, choice, actConfirmed, "", "")
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return in, proof, nil
}

// confirm makes an input confirmed. A sealed voice is forgotten here: what stays names nobody.
func (room *Room) confirm(tx *store.Tx, in *Input, c Choice, what, note string, by party.PersonID) (proof *Authorship, err error) {
	if _, err := tx.Exec(deleteLinks, string(room.o.Org), string(in.ID)); err != nil {
		return nil, err
	}
	in.State, in.Voice, in.Handing, in.Note = Confirmed, c.Voice, c.Handing, ""
	if c.Voice == Sealed {
		if proof, err = room.commit(tx, in, c.Line); err != nil {
			return nil, err
		}
		if err := room.forget(tx, in); err != nil {
			return nil, err
		}
	}
	if err := room.keep(tx, in); err != nil {
		return nil, err
	}
	return proof, room.note(tx, in, what, note, by)
}

const forgetAlike = `
	update input
	set alike = ''
	where org = $1 and alike = $2`

const forgetTexts = `
	update input_text
	set person = '', at = $1
	where org = $2 and input = $3`

// forget erases who a sealed voice is, with everything that could tell: messages, files and their names, hours, who did
// what before. One last message says that the text has been taken, and nothing of what it is about.
func (room *Room) forget(tx *store.Tx, in *Input) error {
	email, lang := in.Email, in.Mailed
	in.Author = Author{Type: in.Type, Region: in.Region}
	in.Mailed, in.Source, in.Received, in.Asked, in.Reminded, in.Speech, in.Alike = locale.English, "", day(in.Received), time.Time{}, 0, 0, ""
	if err := room.dropFiles(tx, in.ID); err != nil {
		return err
	}
	if _, err := tx.Exec(forgetTexts, micros(day(room.o.Clock())), string(room.o.Org), string(in.ID)); err != nil {
		return err
	}
	for _, query := range []string{deleteActs, forgetAlike} {
		if _, err := tx.Exec(query, string(room.o.Org), string(in.ID)); err != nil {
			return err
		}
	}
	if email == "" {
		return nil
	}
	if room.o.Forget != nil {
		if err := room.o.Forget(tx, email); err != nil {
			return err
		}
	}
	return room.write(tx, email, lang, "intervention.mail.sealed", false, room.o.Clock().Add(24*time.Hour))
}

// Refuse takes an author's answer that the text is not theirs, or shall not be published. It is deleted. It tells whether the
// dialogue is an exercise.
func (room *Room) Refuse(ctx context.Context, key string) (sample bool, err error) {
	err = room.o.DB.Write(ctx, func(tx *store.Tx) error {
		in, err := room.opened(tx, key)
		if err != nil {
			return err
		}
		sample = in.Sample
		if !in.Public() {
			return room.remove(tx, in)
		}
		// The published versions stay; only the one that was put to the author goes.
		texts, err := room.texts(tx, in.ID)
		if err != nil {
			return err
		}
		for _, t := range waiting(texts, in.Lang) {
			if _, err := tx.Exec(deleteText, string(room.o.Org), string(in.ID), t.Lang, t.Number); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(deleteLinks, string(room.o.Org), string(in.ID)); err != nil {
			return err
		}
		in.State = Published
		if err := room.keep(tx, in); err != nil {
			return err
		}
		return room.note(tx, in, actRefused, "", "")
	})
	return sample, err
}

const deleteTexts = `
	delete from input_text
	where org = $1 and input = $2`

const deleteMentions = `
	delete from input_mention
	where org = $1 and input = $2`

// remove deletes an input that was never published.
func (room *Room) remove(tx *store.Tx, in *Input) error {
	if err := room.dropFiles(tx, in.ID); err != nil {
		return err
	}
	for _, query := range []string{deleteLinks, deleteMentions, deleteTexts, deleteActs, deleteInput} {
		if _, err := tx.Exec(query, string(room.o.Org), string(in.ID)); err != nil {
			return fmt.Errorf("deleting an input: %w", err)
		}
	}
	return nil
}

// change runs an officer's act on an input that nobody else has changed since.
func (room *Room) change(ctx context.Context, actor party.Actor, d dialogue.ID, id ID, version int, fn func(tx *store.Tx, in *Input, texts []Text) error) error {
	return room.o.DB.Write(ctx, func(tx *store.Tx) error {
		if _, err := room.desk(tx, actor, d); err != nil {
			return err
		}
		in, err := room.Input(tx, id)
		if errors.Is(err, ErrNotFound) || err == nil && in.Dialogue != d {
			return page.NotFound()
		}
		if err != nil {
			return err
		}
		if in.Version != version {
			return errChanged
		}
		texts, err := room.texts(tx, id)
		if err != nil {
			return err
		}
		return fn(tx, in, texts)
	})
}

// errState: the input is not where this can be done.
var errState = &page.Problem{Status: http.StatusConflict, Key: "intervention.problem.state"}

// AskAuthor sends the author a new link, to another address where one is given. A sealed voice that has confirmed
// cannot be asked any more.
func (room *Room) AskAuthor(ctx context.Context, actor party.Actor, d dialogue.ID, id ID, version int, email, note string) error {
	note, noteErr := line("note", note, MaxNote, false)
	to, mailErr := party.Email(""), error(nil)
	if email != "" {
		if to, mailErr = party.ParseEmail(email); mailErr != nil {
			mailErr = invalid("email", "intervention.email.bad")
		}
	}
	if err := page.Collect(noteErr, mailErr); err != nil {
		return err
	}
	return room.change(ctx, actor, d, id, version, func(tx *store.Tx, in *Input, _ []Text) error {
		what := actAsked
		switch in.State {
		case Draft, Awaiting:
		case Confirmed, Checked, Published: // a published one gets a new version
			if what = actReturned; in.Voice == Sealed {
				return errState
			}
			if note == "" {
				return invalid("note", "intervention.line.missing")
			}
		default:
			return errState
		}
		if to != "" {
			in.Email = to
		}
		return room.ask(tx, in, what, note, actor.Person)
	})
}

// ConfirmOnPaper records that the author has confirmed otherwise, such as on paper, with a note that says how.
func (room *Room) ConfirmOnPaper(ctx context.Context, actor party.Actor, d dialogue.ID, id ID, version int, voice Voice, note string) error {
	note, noteErr := line("note", note, MaxNote, true)
	c, choiceErr := checkChoice(Choice{Voice: voice})
	if choiceErr == nil && voice == Sealed {
		choiceErr = invalid("voice", "intervention.voice.paper") // nobody but the author may hold the authorship file
	}
	if err := page.Collect(noteErr, choiceErr); err != nil {
		return err
	}
	return room.change(ctx, actor, d, id, version, func(tx *store.Tx, in *Input, _ []Text) error {
		if in.State != Draft && in.State != Awaiting {
			return errState
		}
		_, err := room.confirm(tx, in, c, actOnPaper, note, actor.Person)
		return err
	})
}

// Remind writes again to authors who have not answered. It is the handler of a daily job.
func (room *Room) Remind(ctx context.Context) (n int, err error) {
	err = room.o.DB.Write(ctx, func(tx *store.Tx) error {
		n = 0
		all, err := room.list(tx, inputsUnanswered, string(room.o.Org), micros(room.o.Clock().Add(-remindAfter)), maxReminders)
		if err != nil {
			return err
		}
		for _, in := range all {
			in.Reminded++
			if err := room.ask(tx, in, actReminded, in.Note, ""); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	return n, err
}
