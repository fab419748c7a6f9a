package party

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"rostrum.example/internal/store"
)

const insertRole = `
insert into role (org, id, person, role, scope_kind, scope, body, granted)
values ($1, $2, $3, $4, $5, $6, $7, $8)`

const deleteRole = `
delete from role
where org = $1 and id = $2`

const insertRoleChange = `
insert into role_change (org, id, at, change, person, role, scope_kind, scope, body, actor)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

// addRole keeps a role and its entry in the history. It answers store.ErrConflict where the person holds it.
func (d *Directory) addRole(tx *store.Tx, person PersonID, role Role, scope Scope, actor PersonID, now time.Time) (RoleID, error) {
	id, err := store.NewID(d.o.Random)
	if err != nil {
		return "", err
	}
	_, err = tx.Exec(insertRole, string(d.o.Org), id, string(person), string(role), string(scope.Kind), scope.ID, scope.Body, store.Micros(now))
	if err != nil {
		return "", fmt.Errorf("granting a role: %w", err)
	}
	return RoleID(id), d.noteChange(tx, Granted, person, role, scope, actor, now)
}

// dropRole removes a role and keeps its end in the history.
func (d *Directory) dropRole(tx *store.Tx, person PersonID, held Held, actor PersonID, now time.Time) error {
	if err := one(tx.Exec(deleteRole, string(d.o.Org), string(held.ID))); err != nil {
		return fmt.Errorf("ending a role: %w", err)
	}
	return d.noteChange(tx, Ended, person, held.Role, held.Scope, actor, now)
}

func (d *Directory) noteChange(tx *store.Tx, change Change, person PersonID, role Role, scope Scope, actor PersonID, now time.Time) error {
	id, err := store.NewID(d.o.Random)
	if err != nil {
		return err
	}
	_, err = tx.Exec(insertRoleChange, string(d.o.Org), id, store.Micros(now), string(change), string(person), string(role),
		string(scope.Kind), scope.ID, scope.Body, string(actor))
	if err != nil {
		return fmt.Errorf("keeping the history of roles: %w", err)
	}
	return nil
}

const selectRoles = `
select id, person, role, scope_kind, scope, body, granted
from role
where org = $1
order by granted, id`

const selectRolesOf = `
select id, person, role, scope_kind, scope, body, granted
from role
where org = $1 and person = $2
order by granted, id`

const selectRole = `
select id, person, role, scope_kind, scope, body, granted
from role
where org = $1 and id = $2`

func scanRole(row interface{ Scan(...any) error }) (PersonID, Held, error) {
	var h Held
	var id, person, role, kind string
	var granted int64
	err := row.Scan(&id, &person, &role, &kind, &h.Scope.ID, &h.Scope.Body, &granted)
	if errors.Is(err, sql.ErrNoRows) {
		return "", h, ErrNotFound
	}
	if err != nil {
		return "", h, fmt.Errorf("reading a role: %w", err)
	}
	h.ID, h.Role, h.Scope.Kind, h.Granted = RoleID(id), Role(role), ScopeKind(kind), store.Time(granted)
	return PersonID(person), h, nil
}

// roles reads every role, or the roles of one person, by who holds them.
func (d *Directory) roles(tx *store.Tx, of ...PersonID) (map[PersonID][]Held, error) {
	query, args := selectRoles, []any{string(d.o.Org)}
	if len(of) == 1 {
		query, args = selectRolesOf, append(args, string(of[0]))
	}
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, fmt.Errorf("reading roles: %w", err)
	}
	defer rows.Close()
	all := map[PersonID][]Held{}
	for rows.Next() {
		person, held, err := scanRole(rows)
		if err != nil {
			return nil, err
		}
		all[person] = append(all[person], held)
	}
	return all, rows.Err()
}

func (d *Directory) role(tx *store.Tx, id RoleID) (PersonID, Held, error) {
	return scanRole(tx.QueryRow(selectRole, string(d.o.Org), string(id)))
}

// countOfficers counts the officers other than one who have signed in: those who can let others in.
const countOfficers = `
select count(*)
from role r
join person p on p.org = r.org and p.id = r.person
where r.org = $1 and r.role = 'officer' and p.joined > 0 and p.erased = 0 and r.person <> $2`

func (d *Directory) otherOfficers(tx *store.Tx, person PersonID) (int, error) {
	var n int
	err := tx.QueryRow(countOfficers, string(d.o.Org), string(person)).Scan(&n)
	return n, err
}

const selectChanges = `
select at, change, person, role, scope_kind, scope, body, actor
from role_change
where org = $1
order by at desc, change desc, id
limit $2`

const selectChangesOf = `
select at, change, person, role, scope_kind, scope, body, actor
from role_change
where org = $1 and person = $2
order by at desc, change desc, id
limit $3`

// roleChanges reads the newest entries of the history, of everyone or of one person.
func (d *Directory) roleChanges(tx *store.Tx, max int, of ...PersonID) ([]RoleChange, error) {
	query, args := selectChanges, []any{string(d.o.Org), max}
	if len(of) == 1 {
		query, args = selectChangesOf, []any{string(d.o.Org), string(of[0]), max}
	}
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, fmt.Errorf("reading the history of roles: %w", err)
	}
	defer rows.Close()
	var all []RoleChange
	for rows.Next() {
		var c RoleChange
		var at int64
		var change, person, role, kind, actor string
		if err := rows.Scan(&at, &change, &person, &role, &kind, &c.Scope.ID, &c.Scope.Body, &actor); err != nil {
			return nil, fmt.Errorf("reading the history of roles: %w", err)
		}
		c.At, c.Change, c.Person, c.Role = store.Time(at), Change(change), PersonID(person), Role(role)
		c.Scope.Kind, c.Actor = ScopeKind(kind), PersonID(actor)
		all = append(all, c)
	}
	return all, rows.Err()
}

const blankChangesOf = `
update role_change
set person = ''
where org = $1 and person = $2`

const blankChangesBy = `
update role_change
set actor = ''
where org = $1 and actor = $2`

const deleteRolesOf = `
delete from role
where org = $1 and person = $2`

// forgetRoles ends every role of a person whose data are erased. The history keeps that there was such a role,
// and no longer whose it was.
func (d *Directory) forgetRoles(tx *store.Tx, person PersonID, now time.Time) error {
	held, err := d.roles(tx, person)
	if err != nil {
		return err
	}
	for _, h := range held[person] {
		if err := d.noteChange(tx, Ended, person, h.Role, h.Scope, person, now); err != nil {
			return err
		}
	}
	for _, statement := range []string{deleteRolesOf, blankChangesOf, blankChangesBy} {
		if _, err := tx.Exec(statement, string(d.o.Org), string(person)); err != nil {
			return err
		}
	}
	return nil
}
