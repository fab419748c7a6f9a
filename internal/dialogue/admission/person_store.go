package admission

import (
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// personsQuery reads the names of those with an account; the directory shows them to officers alone.
const personsQuery = `
	select id, name
	from person
	where org = $1 and erased = 0`

func eachPerson(tx *store.Tx, org store.Org, give func(party.PersonID, string)) error {
	rows, err := tx.Query(personsQuery, org)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id party.PersonID
		var name string
		if err := rows.Scan(&id, &name); err != nil {
			return err
		}
		give(id, name)
	}
	return rows.Err()
}
