package intervention

import (
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

const (
	inputColumns = `
		select id, dialogue, sample, kind, voice, organisation, name, person, type, region, email, mailed, item, speech, needs, lang,
		  state, received, published, source, handing, note, alike, asked, reminded, version, erases
		from input
		where org = $1 and `

	inputByID        = inputColumns + `id = $2`
	inputsByPerson   = inputColumns + `person = $2 order by received, id`
	inputsByEmail    = inputColumns + `email_key = $2 order by received, id`
	inputsDue        = inputColumns + `erases <= $2 and erases > 0 order by id`
	inputsOf         = inputColumns + `dialogue = $2 order by received, id`
	inputsPublic     = inputColumns + `dialogue = $2 and published > 0 order by published, id`
	inputsUnanswered = inputColumns + `state = 'awaiting_author' and asked <= $2 and reminded < $3 order by id`

	insertInput = `
		insert into input (org, id, dialogue, sample, kind, voice, organisation, name, person, type, region, email, email_key, mailed,
		  item, speech, needs, lang, state, received, published, source, handing, note, alike, asked, reminded, version, erases)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, 1, $28)`

	updateInput = `
		update input
		set voice = $1, organisation = $2, name = $3, person = $4, type = $5, region = $6, email = $7, email_key = $8, mailed = $9,
		  item = $10, speech = $11, needs = $12, lang = $13, state = $14, received = $15, published = $16, source = $17, handing = $18,
		  note = $19, alike = $20, asked = $21, reminded = $22, version = version + 1, erases = $23
		where org = $24 and id = $25 and version = $26`

	deleteInput = `
		delete from input
		where org = $1 and id = $2`

	textColumns = `
		select t.input, t.lang, t.number, t.status, t.of, t.body, t.doubts, t.person, t.at, t.entry
		from input_text t `

	textsOf     = textColumns + `where t.org = $1 and t.input = $2 order by t.lang, t.number`
	textsPublic = textColumns + `join input i on i.org = t.org and i.id = t.input
		where t.org = $1 and i.dialogue = $2 and i.published > 0 and t.entry <> ''`
	textsAll = textColumns + `join input i on i.org = t.org and i.id = t.input
		where t.org = $1 and i.dialogue = $2 and t.lang = i.lang`

	keepText = `
		insert into input_text (org, input, lang, number, status, of, body, doubts, sketch, person, at, entry)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
		on conflict (org, input, lang, number) do update set
		  status = excluded.status, of = excluded.of, body = excluded.body, doubts = excluded.doubts, sketch = excluded.sketch,
		  person = excluded.person, at = excluded.at, entry = excluded.entry`

	deleteText = `
		delete from input_text
		where org = $1 and input = $2 and lang = $3 and number = $4`

	emptyTexts = `
		update input_text
		set body = '', doubts = '[]', person = '', sketch = $1
		where org = $2 and input = $3`

	dropMentions = `
		delete from input_mention
		where org = $1 and input = $2 and lang = $3 and number = $4`

	insertLink = `
		insert into input_link (org, hash, input, expires)
		values ($1, $2, $3, $4)`

	selectLink = `
		select input
		from input_link
		where org = $1 and hash = $2 and expires > $3`

	deleteLinks = `
		delete from input_link
		where org = $1 and input = $2`

	insertForm = `
		insert into input_form (org, token, at)
		values ($1, $2, $3)
		on conflict (org, token) do nothing`

	insertAct = `
		insert into input_act (org, input, number, at, what, note, person)
		values ($1, $2, $3, $4, $5, $6, $7)`

	lastAct = `
		select coalesce(max(number), 0)
		from input_act
		where org = $1 and input = $2`

	selectActs = `
		select at, what, note, person
		from input_act
		where org = $1 and input = $2
		order by number`

	deleteActs = `
		delete from input_act
		where org = $1 and input = $2`
)

// one reads one input; ErrNotFound where there is none.
func (room *Room) one(tx *store.Tx, query string, args ...any) (*Input, error) {
	all, err := room.list(tx, query, args...)
	if err == nil && len(all) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// Input reads an input; ErrNotFound where there is none.
func (room *Room) Input(tx *store.Tx, id ID) (*Input, error) {
	return room.one(tx, inputByID, string(room.o.Org), string(id))
}

func (room *Room) list(tx *store.Tx, query string, args ...any) (all []*Input, err error) {
	err = each(tx, func(rows *sql.Rows) error {
		in := &Input{}
		var needs string
		var sample, handing int
		var received, published, asked, erases int64
		err := rows.Scan(&in.ID, &in.Dialogue, &sample, &in.Kind, &in.Voice, &in.Organisation, &in.Name, &in.Person, &in.Type, &in.Region,
			&in.Email, &in.Mailed, &in.Item, &in.Speech, &needs, &in.Lang, &in.State, &received, &published, &in.Source, &handing, &in.Note,
			&in.Alike, &asked, &in.Reminded, &in.Version, &erases)
		if err != nil {
			return err
		}
		in.Sample, in.Handing = sample == 1, handing == 1
		in.Received, in.Published, in.Asked, in.Erases = store.Time(received), store.Time(published), store.Time(asked), store.Time(erases)
		all = append(all, in)
		return json.Unmarshal([]byte(needs), &in.Needs)
	}, query, args...)
	if err != nil {
		return nil, fmt.Errorf("reading inputs: %w", err)
	}
	return all, nil
}

func (room *Room) insert(tx *store.Tx, in *Input) error {
	in.Version = 1
	_, err := tx.Exec(insertInput, string(room.o.Org), string(in.ID), string(in.Dialogue), flag(in.Sample), string(in.Kind), string(in.Voice),
		string(in.Organisation), in.Name, string(in.Person), in.Type, in.Region, string(in.Email), in.Email.Key(), string(in.Mailed), in.Item,
		in.Speech, list(in.Needs), in.Lang, string(in.State), micros(in.Received), micros(in.Published), in.Source, flag(in.Handing), in.Note,
		string(in.Alike), micros(in.Asked), in.Reminded, micros(in.Erases))
	if err != nil {
		return fmt.Errorf("keeping an input: %w", err)
	}
	return nil
}

// errChanged: somebody else has changed the input since the page was made.
var errChanged = &page.Problem{Status: http.StatusConflict, Key: "intervention.problem.changed"}

// keep writes an input back, if nobody else has meanwhile.
func (room *Room) keep(tx *store.Tx, in *Input) error {
	result, err := tx.Exec(updateInput, string(in.Voice), string(in.Organisation), in.Name, string(in.Person), in.Type, in.Region,
		string(in.Email), in.Email.Key(), string(in.Mailed), in.Item, in.Speech, list(in.Needs), in.Lang, string(in.State), micros(in.Received),
		micros(in.Published), in.Source, flag(in.Handing), in.Note, string(in.Alike), micros(in.Asked), in.Reminded, micros(in.Erases),
		string(room.o.Org), string(in.ID), in.Version)
	if err != nil {
		return fmt.Errorf("keeping an input: %w", err)
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		return errors.Join(err, errChanged)
	}
	in.Version++
	return nil
}

func (room *Room) texts(tx *store.Tx, id ID) (all []Text, err error) {
	err = room.eachText(tx, func(_ ID, t Text) { all = append(all, t) }, textsOf, string(room.o.Org), string(id))
	return all, err
}

func (room *Room) eachText(tx *store.Tx, give func(ID, Text), query string, args ...any) error {
	err := each(tx, func(rows *sql.Rows) error {
		var t Text
		var input ID
		var body, doubts string
		var at int64
		if err := rows.Scan(&input, &t.Lang, &t.Number, &t.Status, &t.Of, &body, &doubts, &t.Person, &at, &t.Entry); err != nil {
			return err
		}
		t.At = store.Time(at)
		if body != "" {
			t.Paragraphs = strings.Split(body, "\n")
		}
		if len(doubts) > 2 {
			if err := json.Unmarshal([]byte(doubts), &t.Doubts); err != nil {
				return err
			}
		}
		give(input, t)
		return nil
	}, query, args...)
	if err != nil {
		return fmt.Errorf("reading texts: %w", err)
	}
	return nil
}

func (room *Room) keepText(tx *store.Tx, id ID, t Text) error {
	_, err := tx.Exec(keepText, string(room.o.Org), string(id), t.Lang, t.Number, string(t.Status), t.Of, strings.Join(t.Paragraphs, "\n"), list(t.Doubts),
		sketch(t.Paragraphs), string(t.Person), micros(t.At), string(t.Entry))
	if err != nil {
		return fmt.Errorf("keeping a text: %w", err)
	}
	return nil
}

// setText puts words in place of the text of a language that waits, or begins the next version. What was decided about
// the countries that the old words name no longer holds.
func (room *Room) setText(tx *store.Tx, id ID, all []Text, t Text) error {
	t.Number = 1
	if old := newest(all, t.Lang, false); old != nil {
		t.Number = old.Number
		if old.Entry != "" {
			t.Number++
		}
	}
	if _, err := tx.Exec(dropMentions, string(room.o.Org), string(id), t.Lang, t.Number); err != nil {
		return fmt.Errorf("keeping a text: %w", err)
	}
	return room.keepText(tx, id, t)
}

// note writes down what happened. Of a sealed voice days are kept alone.
func (room *Room) note(tx *store.Tx, in *Input, what, note string, who party.PersonID) error {
	now := room.o.Clock()
	if in.Voice == Sealed {
		now = day(now)
	}
	var last int
	err := tx.QueryRow(lastAct, string(room.o.Org), string(in.ID)).Scan(&last)
	if err == nil {
		_, err = tx.Exec(insertAct, string(room.o.Org), string(in.ID), last+1, micros(now), what, note, string(who))
	}
	if err != nil {
		return fmt.Errorf("noting what happened to an input: %w", err)
	}
	return nil
}

// Acts gives what happened to an input, oldest first.
func (room *Room) Acts(tx *store.Tx, id ID) (all []Act, err error) {
	err = each(tx, func(rows *sql.Rows) error {
		var a Act
		var at int64
		err := rows.Scan(&at, &a.What, &a.Note, &a.Person)
		a.At = store.Time(at)
		all = append(all, a)
		return err
	}, selectActs, string(room.o.Org), string(id))
	return all, err
}

// firstTime tells whether a form has not been taken before, and notes that it now is. Only the token's hash is kept.
func (room *Room) firstTime(tx *store.Tx, token string) (bool, error) {
	if len(token) < 20 || len(token) > 64 {
		return false, page.Unreadable(errors.New("the form has no token"))
	}
	hash := fmt.Sprintf("%x", sha256.Sum256([]byte(token)))
	result, err := tx.Exec(insertForm, string(room.o.Org), hash, micros(day(room.o.Clock())))
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n == 1, err
}

// Public lists the published inputs of a dialogue, withdrawn ones among them, with their published texts.
func (room *Room) Public(tx *store.Tx, id dialogue.ID) ([]*Input, map[ID][]Text, error) {
	all, err := room.list(tx, inputsPublic, string(room.o.Org), string(id))
	if err != nil {
		return nil, nil, err
	}
	texts := map[ID][]Text{}
	err = room.eachText(tx, func(input ID, t Text) { texts[input] = append(texts[input], t) }, textsPublic, string(room.o.Org), string(id))
	return all, texts, err
}

// each reads the rows of a query to the end.
func each(tx *store.Tx, scan func(*sql.Rows) error, query string, args ...any) error {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// micros keeps a zero instant zero.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return store.Micros(t)
}

// list writes a list as JSON; an empty one is "[]".
func list[T any](all []T) string {
	if len(all) == 0 {
		return "[]"
	}
	text, err := json.Marshal(all)
	if err != nil {
		panic(err) // texts and numbers
	}
	return string(text)
}

func newID(room *Room) (ID, error) {
	id, err := store.NewID(room.o.Random)
	return ID(id), err
}

// entries lists the entries of texts.
func entries(all []Text) (ids []ledger.ID) {
	for _, t := range all {
		if t.Entry != "" {
			ids = append(ids, t.Entry)
		}
	}
	return ids
}
