package ledger

import (
	"context"
	"fmt"

	"rostrum.example/internal/store"
)

const selectIndexes = `
	select id, idx
	  from log_entry
	 where id in `

// Indexes tells where these entries stand. An entry that no published checkpoint covers yet is left out.
func (l *Ledger) Indexes(ctx context.Context, ids []ID) (map[ID]int64, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	found := make(map[ID]int64, len(ids))
	size := l.Head(ctx).Size
	err := l.o.DB.Read(ctx, func(tx *store.Tx) error {
		return inChunks(len(ids), func(from, to int) error {
			args := make([]any, 0, to-from)
			for _, id := range ids[from:to] {
				args = append(args, string(id))
			}
			rows, err := tx.Query(selectIndexes+placeholders(1, len(args)), args...)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var id ID
				var index int64
				if err := rows.Scan(&id, &index); err != nil {
					return err
				}
				if index < size {
					found[id] = index
				}
			}
			return rows.Err()
		})
	})
	if err != nil {
		return nil, fmt.Errorf("looking up where entries stand: %w", err)
	}
	return found, nil
}
