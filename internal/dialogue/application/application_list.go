package application

import (
	"errors"
	"time"

	"rostrum.example/internal/ledger"
	"rostrum.example/internal/page"
	"rostrum.example/internal/store"
)

// relist changes where the organisation may be listed. A narrower listing withdraws the texts that the public record has
// of it; a wider one begins with the next step, and needs the answer that it endangers nobody.
func (room *Room) relist(tx *store.Tx, a *Application, to Listing, safety string) error {
	asks, ok := room.form.field(FieldSafety)
	if ok && wider(to, a.Listing) && safety != yes && safety != no {
		return page.Invalids{{Field: FieldSafety, Key: "application.listing.again", Pairs: []any{"Label", label{asks}}}}
	}
	if safety == yes {
		to = Secretariat
	}
	narrower := wider(a.Listing, to)
	a.Answers[FieldListing] = Answer{Values: []string{string(to)}}
	a.Listing, a.Changed = to, room.o.Clock()
	if narrower {
		if err := room.unlist(tx, a); err != nil {
			return err
		}
	}
	return room.update(tx, a)
}

// unlist withdraws the texts that the public record has of an application.
func (room *Room) unlist(tx *store.Tx, a *Application) error {
	rows, err := tx.Query(publicEntries, room.o.Org, a.ID)
	if err != nil {
		return err
	}
	defer rows.Close()
	var entries []ledger.ID
	for rows.Next() {
		var id ledger.ID
		if err := rows.Scan(&id); err != nil {
			return err
		}
		entries = append(entries, id)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	notice := ledger.Notice{At: room.o.Clock().UTC().Format(time.RFC3339), Reason: "Withdrawn at the wish of the organisation that it named."}
	for _, id := range entries {
		if _, err := room.o.Ledger.Withdraw(tx, id, notice); err != nil && !errors.Is(err, ledger.ErrWithdrawn) {
			return err
		}
	}
	_, err = tx.Exec(publicForget, room.o.Org, a.ID)
	return err
}
