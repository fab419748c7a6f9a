package text

import (
	"database/sql"
	"fmt"
	"time"

	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// What texts keep about persons; Documents is a party.Holder.

const (
	selectOwnSuggestions = `
		select document, body, at
		from text_suggestion
		where org = $1 and person = $2
		order by at, id`

	selectOwnComments = `
		select document, body, at
		from text_comment
		where org = $1 and person = $2
		order by at, id`

	selectOwnSignatures = `
		select document, version, capacity, at, withdrawn
		from text_signature
		where org = $1 and person = $2
		order by at, id`

	selectOwnInvitations = `
		select document, invited, answered
		from text_invitation
		where org = $1 and person = $2
		order by invited, id`

	selectOwnChanges = `
		select document, part, what, at
		from text_change
		where org = $1 and person = $2
		order by at, document, edit`

	selectOwnBlocks = `
		select document, id
		from text_part
		where org = $1 and owner = $2
		order by document, id`
)

// erasures take a person out of every row; what they wrote stays, without them.
var erasures = []string{
	`update text_part set person = '' where org = $1 and person = $2`,
	`update text_part set owner = '' where org = $1 and owner = $2`,
	`update text_change set person = '' where org = $1 and person = $2`,
	`update text_version set person = '' where org = $1 and person = $2`,
	`update text_suggestion set person = '', name = '' where org = $1 and person = $2`,
	`update text_suggestion set decider = '' where org = $1 and decider = $2`,
	`update text_comment set person = '', name = '' where org = $1 and person = $2`,
	`update text_comment set resolver = '' where org = $1 and resolver = $2`,
	`update text_signature set person = '', name = '', capacity = '' where org = $1 and person = $2`,
	`update text_invitation set person = '', name = '', ref = '' where org = $1 and person = $2`,
}

type ownText struct {
	Document DocumentID `json:"document"`
	Text     string     `json:"text"`
	Note     string     `json:"note,omitempty"`
	At       time.Time  `json:"at"`
}

type ownSignature struct {
	Document  DocumentID `json:"document"`
	Version   int        `json:"version"`
	Capacity  string     `json:"capacity,omitempty"`
	At        time.Time  `json:"at"`
	Withdrawn time.Time  `json:"withdrawn,omitzero"`
}

type ownInvitation struct {
	Document DocumentID `json:"document"`
	Invited  time.Time  `json:"invited"`
	Answered time.Time  `json:"answered,omitzero"`
}

type ownChange struct {
	Document DocumentID `json:"document"`
	Part     string     `json:"part"`
	What     What       `json:"what"`
	At       time.Time  `json:"at"`
}

type ownBlock struct {
	Document DocumentID `json:"document"`
	Block    BlockID    `json:"block"`
}

// Part names the texts in a person's export.
func (t *Documents) Part() string { return "text" }

// ExportPerson gives what a person suggested, commented, signed, changed and answers for.
func (t *Documents) ExportPerson(tx *store.Tx, p party.Person) (any, error) {
	var own struct {
		Suggestions []ownText       `json:"suggestions,omitempty"`
		Comments    []ownText       `json:"comments,omitempty"`
		Signatures  []ownSignature  `json:"signatures,omitempty"`
		Invitations []ownInvitation `json:"invitations,omitempty"`
		Changes     []ownChange     `json:"changes,omitempty"`
		Blocks      []ownBlock      `json:"blocks,omitempty"`
	}
	args := []any{string(t.o.Org), string(p.ID)}
	var err error
	read := func(query string, scan func(*sql.Rows) error) {
		if err == nil {
			err = each(tx, scan, query, args...)
		}
	}
	texts := func(to *[]ownText) func(*sql.Rows) error {
		return func(r *sql.Rows) error {
			var o ownText
			var body string
			var at int64
			if err := r.Scan(&o.Document, &body, &at); err != nil {
				return err
			}
			err := readJSON(body, &o)
			o.At = store.Time(at)
			*to = append(*to, o)
			return err
		}
	}
	read(selectOwnSuggestions, texts(&own.Suggestions))
	read(selectOwnComments, texts(&own.Comments))
	read(selectOwnSignatures, func(r *sql.Rows) error {
		var s ownSignature
		var at, withdrawn int64
		err := r.Scan(&s.Document, &s.Version, &s.Capacity, &at, &withdrawn)
		s.At, s.Withdrawn = store.Time(at), store.Time(withdrawn)
		own.Signatures = append(own.Signatures, s)
		return err
	})
	read(selectOwnInvitations, func(r *sql.Rows) error {
		var in ownInvitation
		var invited, answered int64
		err := r.Scan(&in.Document, &invited, &answered)
		in.Invited, in.Answered = store.Time(invited), store.Time(answered)
		own.Invitations = append(own.Invitations, in)
		return err
	})
	read(selectOwnChanges, func(r *sql.Rows) error {
		var c ownChange
		var at int64
		err := r.Scan(&c.Document, &c.Part, &c.What, &at)
		c.At = store.Time(at)
		own.Changes = append(own.Changes, c)
		return err
	})
	read(selectOwnBlocks, func(r *sql.Rows) error {
		var b ownBlock
		err := r.Scan(&b.Document, &b.Block)
		own.Blocks = append(own.Blocks, b)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("exporting what texts keep: %w", err)
	}
	if len(own.Suggestions)+len(own.Comments)+len(own.Signatures)+len(own.Invitations)+len(own.Changes)+len(own.Blocks) == 0 {
		return nil, nil
	}
	return own, nil
}

// ErasePerson takes a person out of what texts keep. What they wrote stays without a name: others have answered it, and
// it is part of the text's history.
func (t *Documents) ErasePerson(tx *store.Tx, p party.Person) error {
	for _, query := range erasures {
		if _, err := tx.Exec(query, string(t.o.Org), string(p.ID)); err != nil {
			return fmt.Errorf("erasing what texts keep: %w", err)
		}
	}
	return nil
}
