package party

import (
	"database/sql"
	"errors"
	"fmt"

	"rostrum.example/internal/store"
)

const insertOrganisation = `
insert into organisation (org, id, type, name, country, listed, answered, created)
values ($1, $2, $3, $4, $5, $6, $7, $8)`

func (d *Directory) insertOrganisation(tx *store.Tx, o Organisation) error {
	_, err := tx.Exec(insertOrganisation, string(d.o.Org), string(o.ID), o.Type, o.Name, o.Country, flag(o.Listed),
		store.Micros(o.Answered), store.Micros(o.Created))
	if err != nil {
		return fmt.Errorf("keeping an organisation: %w", err)
	}
	return nil
}

const updateOrganisation = `
update organisation
set type = $1, name = $2, country = $3, listed = $4, answered = $5
where org = $6 and id = $7`

func (d *Directory) updateOrganisation(tx *store.Tx, o Organisation) error {
	return one(tx.Exec(updateOrganisation, o.Type, o.Name, o.Country, flag(o.Listed), store.Micros(o.Answered),
		string(d.o.Org), string(o.ID)))
}

const selectOrganisation = `
select id, type, name, country, listed, answered, created
from organisation
where org = $1 and id = $2`

const selectOrganisations = `
select id, type, name, country, listed, answered, created
from organisation
where org = $1
order by name, id`

func scanOrganisation(row interface{ Scan(...any) error }) (Organisation, error) {
	var o Organisation
	var id string
	var listed int
	var answered, created int64
	err := row.Scan(&id, &o.Type, &o.Name, &o.Country, &listed, &answered, &created)
	if errors.Is(err, sql.ErrNoRows) {
		return Organisation{}, ErrNotFound
	}
	if err != nil {
		return Organisation{}, fmt.Errorf("reading an organisation: %w", err)
	}
	o.ID, o.Listed, o.Answered, o.Created = OrganisationID(id), listed == 1, store.Time(answered), store.Time(created)
	return o, nil
}

// Organisation reads one organisation; ErrNotFound where there is none.
func (d *Directory) Organisation(tx *store.Tx, id OrganisationID) (Organisation, error) {
	return scanOrganisation(tx.QueryRow(selectOrganisation, string(d.o.Org), string(id)))
}

// Organisations reads all organisations by name.
func (d *Directory) Organisations(tx *store.Tx) ([]Organisation, error) {
	rows, err := tx.Query(selectOrganisations, string(d.o.Org))
	if err != nil {
		return nil, fmt.Errorf("reading organisations: %w", err)
	}
	defer rows.Close()
	var all []Organisation
	for rows.Next() {
		o, err := scanOrganisation(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	return all, rows.Err()
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}
