package text

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

const (
	insertComment = `
		insert into text_comment (org, document, id, thread, part, round, body, person, name, at, resolved, resolver)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '')
		on conflict (org, document, id) do nothing`

	selectComments = `
		select id, thread, part, round, body, person, name, at, resolved, resolver
		from text_comment
		where org = $1 and document = $2
		order by at, id`

	selectThread = `
		select thread, part
		from text_comment
		where org = $1 and document = $2 and id = $3`

	resolveComment = `
		update text_comment
		set resolved = $1, resolver = $2
		where org = $3 and document = $4 and id = $5 and thread = ''`
)

// Comment keeps comments and answers, as Suggest keeps suggestions. An answer to an answer belongs to its thread.
func (t *Documents) Comment(tx *store.Tx, id DocumentID, all []Comment) (ids []CommentID, kept int, err error) {
	if _, _, err := t.head(tx, id, false); err != nil {
		return nil, 0, err
	}
	rounds := map[RoundID]bool{}
	for _, c := range all {
		if err := c.check(); err != nil {
			return nil, 0, err
		}
		if c.Round != "" && !rounds[c.Round] {
			if err := t.inRound(tx, id, c.Round); err != nil {
				return nil, 0, err
			}
			rounds[c.Round] = true
		}
		if c.Thread != "" {
			var above CommentID
			err := tx.QueryRow(selectThread, string(t.o.Org), string(id), string(c.Thread)).Scan(&above, &c.Part)
			if errors.Is(err, sql.ErrNoRows) {
				return nil, 0, fmt.Errorf("comment %s: %w", c.Thread, ErrNotFound)
			}
			if err != nil {
				return nil, 0, fmt.Errorf("reading comment %s: %w", c.Thread, err)
			}
			if above != "" {
				c.Thread = above
			}
			c.Range, c.Resolved = nil, time.Time{}
		}
		if c.ID == "" {
			drawn, err := t.newID()
			if err != nil {
				return nil, 0, err
			}
			c.ID = CommentID(drawn)
		}
		if c.At.IsZero() {
			c.At = t.o.Clock()
		}
		if c.Origin == "" {
			c.Origin = FromPage
		}
		body := c
		body.Thread, body.Part, body.Author, body.At, body.Round, body.Resolved, body.Resolver = "", "", Author{}, time.Time{}, "", time.Time{}, Author{}
		line, err := writeJSON(body)
		if err != nil {
			return nil, 0, err
		}
		result, err := tx.Exec(insertComment, string(t.o.Org), string(id), string(c.ID), string(c.Thread), c.Part, string(c.Round), line, string(c.Author.Person), c.Author.Name, micros(c.At), micros(c.Resolved))
		if err != nil {
			return nil, 0, fmt.Errorf("keeping a comment on document %s: %w", id, err)
		}
		n, err := result.RowsAffected()
		if err != nil {
			return nil, 0, fmt.Errorf("keeping a comment on document %s: %w", id, err)
		}
		kept += int(n)
		ids = append(ids, c.ID)
	}
	return ids, kept, nil
}

// Comments lists all comments and answers, oldest first.
func (t *Documents) Comments(tx *store.Tx, id DocumentID) ([]Comment, error) {
	var all []Comment
	err := each(tx, func(r *sql.Rows) error {
		var c, own Comment
		var body string
		var at, resolved int64
		if err := r.Scan(&own.ID, &own.Thread, &own.Part, &own.Round, &body, &own.Author.Person, &own.Author.Name, &at, &resolved, &own.Resolver.Person); err != nil {
			return err
		}
		err := readJSON(body, &c)
		c.ID, c.Thread, c.Part, c.Round, c.Author, c.Resolver = own.ID, own.Thread, own.Part, own.Round, own.Author, own.Resolver
		c.At, c.Resolved = store.Time(at), store.Time(resolved)
		all = append(all, c)
		return err
	}, selectComments, string(t.o.Org), string(id))
	if err != nil {
		return nil, fmt.Errorf("listing the comments on document %s: %w", id, err)
	}
	return all, nil
}

// Resolve settles a thread, named by its first comment.
func (t *Documents) Resolve(tx *store.Tx, id DocumentID, thread CommentID, by party.PersonID) error {
	result, err := tx.Exec(resolveComment, micros(t.o.Clock()), string(by), string(t.o.Org), string(id), string(thread))
	return changedOne(result, err, "comment "+string(thread))
}

// Reopen takes the settlement of a thread back.
func (t *Documents) Reopen(tx *store.Tx, id DocumentID, thread CommentID) error {
	result, err := tx.Exec(resolveComment, 0, "", string(t.o.Org), string(id), string(thread))
	return changedOne(result, err, "comment "+string(thread))
}
