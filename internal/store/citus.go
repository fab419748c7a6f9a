package store

import (
	"context"
	"fmt"
)

// placement says where a distributed PostgreSQL keeps a table.
type placement struct {
	table string
	// How it is spread: by its column org, or as a whole on every node. Every other table stays on the
	// coordinating node.
	byOrg bool
}

const (
	selectCitus = `
select count(*)
from pg_catalog.pg_extension
where extname = 'citus'`

	// The tables whose primary key begins with org.
	selectTenantTables = `
select c.relname
from pg_catalog.pg_class     c
join pg_catalog.pg_index     i on i.indrelid = c.oid and i.indisprimary
join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
where c.relnamespace = current_schema()::regnamespace
  and c.relkind = 'r'
  and a.attname = 'org'
order by c.relname`

	// Each foreign key, as the table that has it and the table that it refers to.
	selectReferences = `
select distinct t.relname, p.relname
from pg_catalog.pg_constraint k
join pg_catalog.pg_class      t on t.oid = k.conrelid
join pg_catalog.pg_class      p on p.oid = k.confrelid
where k.contype = 'f'
  and k.connamespace = current_schema()::regnamespace
  and t.oid <> p.oid
order by t.relname, p.relname`

	selectDistributed = `
select c.relname
from pg_catalog.pg_class c
join pg_dist_partition   d on d.logicalrelid = c.oid
where c.relnamespace = current_schema()::regnamespace
  and d.partmethod in ('h', 'n')`

	distributeByOrg = `
select create_distributed_table($1::text::regclass, 'org')`

	distributeWhole = `
select create_reference_table($1::text::regclass)`
)

// distribute spreads the tables over the nodes of a Citus cluster: tenant tables by org, and the tables that
// they refer to, which are vocabularies, as a whole on every node. It does nothing on any other database
// and may be run again.
//
// Citus carries out what concerns one org on one node, but there at read committed, whatever the
// transaction asked for: what must not change between reading and writing is read with Tx.ForUpdate.
func (db *DB) distribute(ctx context.Context) error {
	if db.engine != Postgres {
		return nil
	}
	err := db.alter(ctx, func(tx *Tx) error {
		var citus int
		if err := tx.QueryRow(selectCitus).Scan(&citus); err != nil || citus == 0 {
			return err
		}
		placements, err := tx.placements()
		if err != nil {
			return err
		}
		done, err := tx.names(selectDistributed)
		if err != nil {
			return err
		}
		already := map[string]bool{}
		for _, table := range done {
			already[table] = true
		}
		for _, p := range placements {
			if already[p.table] {
				continue
			}
			statement := distributeWhole
			if p.byOrg {
				statement = distributeByOrg
			}
			if _, err := tx.Exec(statement, p.table); err != nil {
				return fmt.Errorf("table %s: %w", p.table, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("distributing the tables with citus: %w", err)
	}
	return nil
}

// placements is the plan for the tables that are there.
func (tx *Tx) placements() ([]placement, error) {
	tenants, err := tx.names(selectTenantTables)
	if err != nil {
		return nil, err
	}
	references, err := tx.pairs(selectReferences)
	if err != nil {
		return nil, err
	}
	return place(tenants, references), nil
}

// place orders the tables so that each comes after those that it refers to, and says how each is spread.
// references holds pairs of a table and one that it refers to.
func place(tenants []string, references [][2]string) []placement {
	tenant := map[string]bool{}
	for _, table := range tenants {
		tenant[table] = true
	}
	parents := map[string][]string{}
	for _, r := range references {
		parents[r[0]] = append(parents[r[0]], r[1])
	}
	var order []placement
	seen := map[string]bool{}
	var visit func(table string)
	visit = func(table string) {
		if seen[table] {
			return
		}
		seen[table] = true
		for _, parent := range parents[table] {
			visit(parent)
		}
		order = append(order, placement{table: table, byOrg: tenant[table]})
	}
	for _, table := range tenants {
		visit(table)
	}
	return order
}

// names reads one column of text.
func (tx *Tx) names(query string, args ...any) ([]string, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		all = append(all, name)
	}
	return all, rows.Err()
}

// pairs reads two columns of text.
func (tx *Tx) pairs(query string, args ...any) ([][2]string, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all [][2]string
	for rows.Next() {
		var pair [2]string
		if err := rows.Scan(&pair[0], &pair[1]); err != nil {
			return nil, err
		}
		all = append(all, pair)
	}
	return all, rows.Err()
}
