package dialogue

import (
	"context"
	"fmt"

	"rostrum.example/internal/ledger"
	"rostrum.example/internal/store"
)

// VerifyShown checks that what the pages show is what the public record holds: the body of every item and
// source against the text of its entry.
func VerifyShown(ctx context.Context, db *store.DB, org store.Org) ([]ledger.Failure, error) {
	bodies := map[ledger.ID]string{}
	names := map[ledger.ID]string{}
	err := db.Read(ctx, func(tx *store.Tx) error {
		return readBodies(tx, org, func(name, body string, entry ledger.ID) {
			bodies[entry], names[entry] = body, name
		})
	})
	if err != nil {
		return nil, fmt.Errorf("reading what the pages show: %w", err)
	}
	var failures []ledger.Failure
	err = ledger.EachText(ctx, db, func(index int64, id ledger.ID, text []byte) {
		body, shown := bodies[id]
		if shown && body != string(text) {
			failures = append(failures, ledger.Failure{Entry: index, Problem: "the pages show other words of " + names[id] + " than the record holds"})
		}
		delete(bodies, id)
	})
	if err != nil {
		return nil, fmt.Errorf("reading what the pages show: %w", err)
	}
	for id := range bodies {
		failures = append(failures, ledger.Failure{Entry: -1, Problem: "the pages show " + names[id] + ", which the record does not hold"})
	}
	return failures, nil
}

const bodiesQuery = `
	select dialogue || '/' || id, body, entry
	from dialogue_item
	where org = $1
	union all
	select 'source ' || id, body, entry
	from dialogue_source
	where org = $2`

func readBodies(tx *store.Tx, org store.Org, give func(name, body string, entry ledger.ID)) error {
	rows, err := tx.Query(bodiesQuery, org, org)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name, body string
		var entry ledger.ID
		if err := rows.Scan(&name, &body, &entry); err != nil {
			return err
		}
		give(name, body, entry)
	}
	return rows.Err()
}
