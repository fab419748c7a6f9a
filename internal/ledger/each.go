package ledger

import (
	"context"
	"database/sql"
	"fmt"

	"rostrum.example/internal/store"
)

const selectEachText = `
	select t.id, t.body, e.idx
	  from log_text t
	  left join log_entry e
	    on e.org = t.org
	   and e.id = t.id
	 where t.body is not null`

// EachText gives every public text of the record in a database, with the index of its entry, or Pending. The
// order is the database's own. text is only valid during the call.
func EachText(ctx context.Context, db *store.DB, give func(index int64, id ID, text []byte)) error {
	err := db.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query(selectEachText)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id ID
			var text sql.RawBytes
			var index sql.NullInt64
			if err := rows.Scan(&id, &text, &index); err != nil {
				return err
			}
			if !index.Valid {
				index.Int64 = Pending
			}
			give(index.Int64, id, text)
		}
		return rows.Err()
	})
	if err != nil {
		return fmt.Errorf("reading the texts of the record: %w", err)
	}
	return nil
}

// Add adds failures that somebody else found, such as a page that shows other words than the record.
func (r *Report) Add(more ...Failure) {
	for _, f := range more {
		r.fail(f)
	}
	r.Verified = r.Verified && !r.failed()
}
