package store

import (
	"fmt"
	"regexp"
	"strings"
)

// table is what a dump needs to know of a table.
type table struct {
	name    string
	columns []column
	key     []string // the columns of the primary key, in its order
}

type column struct {
	name string
	kind kind
}

var (
	createdTable = regexp.MustCompile(`(?m)^(?:create table (?:if not exists )?|alter table \w+ rename to )(\w+)`)
	seededTable  = regexp.MustCompile(`(?m)^insert into (\w+)`)
)

const (
	selectColumnsSQLite = `
select name, lower(type), pk
from pragma_table_info($1)
order by cid`

	selectColumnsPostgres = `
select a.attname, t.typname, coalesce(array_position(i.indkey::int2[], a.attnum), -1) + 1
from pg_catalog.pg_attribute  a
join pg_catalog.pg_type       t on t.oid = a.atttypid
left join pg_catalog.pg_index i on i.indrelid = a.attrelid and i.indisprimary
where a.attrelid = $1::text::regclass
  and a.attnum > 0
  and not a.attisdropped
order by a.attnum`
)

// kinds maps the engines' names of the allowed column types. A column of another type is an engine's own.
var kinds = map[string]kind{
	"text":    kindText,
	"integer": kindInteger, "bigint": kindInteger, "int4": kindInteger, "int8": kindInteger,
	"bytea": kindBytes,
}

// tables lists the tables that the schema's common history, steps, has created, in its order, without
// schema_version: the record, of which everything else can be made.
func (tx *Tx) tables(steps []migration) ([]table, error) {
	var all []table
	seen := map[string]bool{"schema_version": true}
	for _, step := range steps {
		for _, found := range createdTable.FindAllStringSubmatch(step.common, -1) {
			name := found[1]
			if seen[name] {
				continue
			}
			seen[name] = true
			if there, err := tx.hasTable(name); err != nil {
				return nil, err
			} else if !there { // not yet, or no longer
				continue
			}
			t, err := tx.table(name)
			if err != nil {
				return nil, err
			}
			all = append(all, t)
		}
	}
	return all, nil
}

func (tx *Tx) table(name string) (table, error) {
	query := selectColumnsSQLite
	if tx.engine == Postgres {
		query = selectColumnsPostgres
	}
	rows, err := tx.Query(query, name)
	if err != nil {
		return table{}, err
	}
	defer rows.Close()
	t := table{name: name}
	key := map[int]string{}
	for rows.Next() {
		var column column
		var typ string
		var place int
		if err := rows.Scan(&column.name, &typ, &place); err != nil {
			return table{}, err
		}
		if place > 0 {
			key[place] = column.name
		}
		if column.kind = kinds[typ]; column.kind != "" {
			t.columns = append(t.columns, column)
		}
	}
	for place := 1; place <= len(key); place++ {
		t.key = append(t.key, key[place])
	}
	if err := rows.Err(); err != nil {
		return table{}, err
	}
	if len(t.key) == 0 {
		return table{}, fmt.Errorf("table %s has no primary key, so its rows have no order", name)
	}
	return t, nil
}

// names gives the columns as they stand in a statement. Quotes are for names that an engine reserves.
func (t table) names() string {
	var b strings.Builder
	for i, c := range t.columns {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(`"` + c.name + `"`)
	}
	return b.String()
}

// selection is the statement that reads the table in the order of a dump.
func (t table) selection(engine Engine) string {
	kindOf := map[string]kind{}
	for _, c := range t.columns {
		kindOf[c.name] = c.kind
	}
	var order []string
	for _, name := range t.key {
		by := `"` + name + `"`
		if engine == Postgres && kindOf[name] == kindText {
			by += ` collate "C"` // by bytes, whatever the database's language is
		}
		order = append(order, by)
	}
	return fmt.Sprintf(`select %s from "%s" order by %s`, t.names(), t.name, strings.Join(order, ", "))
}

// line is the line that begins the table in a dump.
func (t table) line() string {
	var b strings.Builder
	b.WriteString("table " + t.name)
	for _, c := range t.columns {
		b.WriteString(" " + c.name + ":" + string(c.kind))
	}
	return b.String() + "\n"
}
