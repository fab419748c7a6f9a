package ledger

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"rostrum.example/internal/store"
)

// A text's row is read with the notice that withdrew it, whose reason is in the notice's own text.
const (
	columnsText = `t.id, t.salt, t.body, t.notice, n.body`

	joinNotice = `
	  left join log_text n
	    on n.org = t.org
	   and n.id = t.notice`

	selectTextsOf = `
	select ` + columnsText + `
	  from log_text t` + joinNotice + `
	 where t.org = $1
	   and t.id in `

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

// readLinesOf reads what is public of the texts of any entries, in their order.
func readLinesOf(tx *store.Tx, entries []row) ([]line, error) {
	found, err := textRows(tx, entries)
	if err != nil {
		return nil, err
	}
	lines := make([]line, len(entries))
	for k, r := range entries {
		text := found[r.id] // an empty one says that its row is missing
		if lines[k], err = text.line(r.id); err != nil {
			return nil, err
		}
	}
	return lines, nil
}

// textRows reads the rows of the texts of any entries.
func textRows(tx *store.Tx, entries []row) (map[ID]textRow, error) {
	byOrg := make(map[store.Org][]any)
	for _, r := range entries {
		byOrg[r.org] = append(byOrg[r.org], string(r.id))
	}
	found := make(map[ID]textRow, len(entries))
	for org, ids := range byOrg {
		err := inChunks(len(ids), func(from, to int) error {
			// The list of parameters begins with the tenant's.
			list := "(" + strings.TrimPrefix(placeholders(1, to-from+1), "($1, ")
			rows, err := tx.Query(selectTextsOf+list, append([]any{string(org)}, ids[from:to]...)...)
			if err != nil {
				return fmt.Errorf("reading texts: %w", err)
			}
			defer rows.Close()
			for rows.Next() {
				var r textRow
				if err := rows.Scan(r.fields()...); err != nil {
					return fmt.Errorf("reading texts: %w", err)
				}
				found[ID(r.id.String)] = r
			}
			return rows.Err()
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
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

const selectStanding = `
	select notice, coalesce(length(salt), 0), coalesce(length(body), 0)
	  from log_text
	 where org = $1
	   and id = $2`

// standing reads which notice withdrew a text, if one did, and how long salt and text are.
func standing(tx *store.Tx, org store.Org, id ID) (notice string, salt, body int, err error) {
	err = tx.QueryRow(selectStanding, string(org), string(id)).Scan(&notice, &salt, &body)
	if err != nil {
		return "", 0, 0, fmt.Errorf("reading the text of %s: %w", id, err)
	}
	return notice, salt, body, nil
}

const (
	updateBlank = `
	update log_text
	   set salt = $1,
	       body = $2
	 where org = $3
	   and id = $4`

	updateWithdrawn = `
	update log_text
	   set salt = null,
	       body = null,
	       notice = $1
	 where org = $2
	   and id = $3`
)

// erase takes salt and text away and names the notice. SQLite leaves the bytes of a row that becomes smaller in the
// file; a row that keeps its size is written over in place. So the bytes are blanked first.
func erase(tx *store.Tx, org store.Org, id, notice ID, salt, body int) error {
	if body > 0 {
		if _, err := tx.Exec(updateBlank, make([]byte, salt), make([]byte, body), string(org), string(id)); err != nil {
			return fmt.Errorf("blanking the text of %s: %w", id, err)
		}
	}
	res, err := tx.Exec(updateWithdrawn, string(notice), string(org), string(id))
	if err != nil {
		return fmt.Errorf("erasing the text of %s: %w", id, err)
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return errors.Join(fmt.Errorf("erasing the text of %s: it was not there", id), err)
	}
	return nil
}
