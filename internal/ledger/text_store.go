package ledger

import (
	"database/sql"
	"errors"
	"fmt"

	"rostrum.example/internal/store"
)

// A text's row is read with the notice that withdrew it, whose reason is in the notice's own text.
const (
	columnsText = `t.id, t.salt, t.body, t.notice, n.body`

	joinNotice = `
	  left join log_text n
	    on n.org = t.org
	   and n.id = t.notice`

	selectText = `
	select ` + columnsText + `
	  from log_text t` + joinNotice + `
	 where t.org = $1
	   and t.id = $2`

	selectTexts = `
	select e.idx, e.id, ` + columnsText + `
	  from log_entry e
	  left join log_text t
	    on t.org = e.org
	   and t.id = e.id` + joinNotice + `
	 where e.idx >= $1
	   and e.idx < $2
	 order by e.idx`
)

// textRow scans columnsText.
type textRow struct {
	id, notice sql.NullString // null where the row is missing
	salt, body []byte
	reason     []byte
}

func (r *textRow) fields() []any { return []any{&r.id, &r.salt, &r.body, &r.notice, &r.reason} }

// line gives what is public of the text.
func (r *textRow) line(id ID) (line, error) {
	switch {
	case !r.id.Valid:
		return line{}, fmt.Errorf("%w: the row of log_text is missing for %s", ErrDamaged, id)
	case r.notice.String == "":
		return line{ID: id, Salt: r.salt, Text: r.body}, nil
	}
	n, err := parseNotice(r.reason)
	if err != nil {
		return line{}, fmt.Errorf("%w: the notice %q that withdrew the text of %s cannot be read: %w", ErrDamaged, r.notice.String, id, err)
	}
	return line{ID: id, Withdrawn: &Notice{ID: ID(r.notice.String), At: n.At, Reason: n.Reason}}, nil
}

// readLine reads what is public of one entry's text, whether the entry has an index or not.
func readLine(tx *store.Tx, org store.Org, id ID) (line, error) {
	var r textRow
	err := tx.QueryRow(selectText, string(org), string(id)).Scan(r.fields()...)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return line{}, fmt.Errorf("reading the text of %s: %w", id, err)
	}
	return r.line(id)
}

// readLines reads what is public of the texts of the entries in [from, to).
func readLines(tx *store.Tx, from, to int64) ([]line, error) {
	rows, err := tx.Query(selectTexts, from, to)
	if err != nil {
		return nil, fmt.Errorf("reading texts: %w", err)
	}
	defer rows.Close()
	all := make([]line, 0, to-from)
	for rows.Next() {
		var index int64
		var id ID
		var r textRow
		if err := rows.Scan(append([]any{&index, &id}, r.fields()...)...); err != nil {
			return nil, fmt.Errorf("reading texts: %w", err)
		}
		if want := from + int64(len(all)); index != want {
			return nil, missingEntry(want)
		}
		n, err := r.line(id)
		if err != nil {
			return nil, fmt.Errorf("entry %d: %w", index, err)
		}
		all = append(all, n)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading texts: %w", err)
	}
	if int64(len(all)) != to-from {
		return nil, missingEntry(from + int64(len(all)))
	}
	return all, nil
}

const insertText = `
	insert into log_text (org, id, salt, body)
	values ($1, $2, $3, $4)`

const selectNotice = `
	select notice
	  from log_text
	 where org = $1
	   and id = $2`

const updateWithdrawn = `
	update log_text
	   set salt = null,
	       body = null,
	       notice = $1
	 where org = $2
	   and id = $3`
