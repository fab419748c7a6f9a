package store_test

import (
	"fmt"
	"slices"
	"strings"
)

// The rules that let one SQL text run on SQLite, PostgreSQL and, distributed by org, on Citus.

// schema is what the rules need to know of the tables.
type schema struct {
	tables map[string]*sqlTable
	wide   map[string]string // tables that have a column org without being a tenant's, and why
}

type sqlTable struct {
	columns []string
	key     []string
}

func (s *schema) tenant(table string) bool {
	t := s.tables[table]
	if t == nil || s.wide[table] != "" {
		return false
	}
	for _, c := range t.columns {
		if c == "org" {
			return true
		}
	}
	return false
}

var allowedTypes = map[string]bool{"text": true, "integer": true, "bigint": true, "bytea": true}

// checkMigration reads a migration that both engines run into the schema and tells which rules it breaks.
func (s *schema) checkMigration(sql string) (broken []string) {
	tell := func(format string, args ...any) { broken = append(broken, fmt.Sprintf(format, args...)) }
	words := lex(sql)
	broken = append(broken, checkWords(words)...)
	for _, statement := range split(words, ";") {
		at := func(i int) word {
			if i < len(statement) {
				return statement[i]
			}
			return word{}
		}
		switch {
		case find(statement, "create", "table") == 0:
			broken = append(broken, s.createTable(statement)...)
		case find(statement, "create", "index") == 0, find(statement, "create", "unique", "index") == 0:
			unique := at(1).is("unique")
			on := find(statement, "on")
			table := at(on + 1).name()
			list, _ := brackets(statement[on:])
			names := columnNames(list)
			if s.tables[table] == nil {
				tell("index on table %s, which no migration has created", table)
			}
			if unique && s.tenant(table) && (len(names) == 0 || names[0] != "org") {
				tell("table %s: a unique index crosses tenants: it does not begin with org", table)
			}
		case find(statement, "alter", "table") == 0 && find(statement, "add", "column") == 3:
			table := s.tables[at(2).name()]
			if table == nil {
				tell("alters table %s, which no migration has created", at(2).name())
				continue
			}
			broken = append(broken, s.column(at(2).name(), table, statement[5:])...)
		case find(statement, "alter", "table") == 0 && find(statement, "rename", "to") == 3:
			s.tables[at(5).name()] = s.tables[at(2).name()]
			delete(s.tables, at(2).name())
		case find(statement, "drop", "table") == 0:
			delete(s.tables, at(2).name())
		case find(statement, "alter") == 0, find(statement, "drop", "index") == 0:
		default:
			broken = append(broken, s.checkStatement(statement, false)...)
		}
	}
	return broken
}

func (s *schema) createTable(statement []word) (broken []string) {
	name := statement[2].name()
	tell := func(format string, args ...any) {
		broken = append(broken, "table "+name+": "+fmt.Sprintf(format, args...))
	}
	body, after := brackets(statement)
	if body == nil {
		tell("no columns")
		return broken
	}
	if len(after) > 0 {
		tell("%q behind its columns is not for both engines", after[0].text)
	}
	t := &sqlTable{}
	if s.tables[name] != nil {
		tell("it is created twice")
	}
	s.tables[name] = t
	var constraints [][]word
	for _, part := range split(body, ",") {
		switch {
		case part[0].is("primary"), part[0].is("foreign"), part[0].is("unique"), part[0].is("check"), part[0].is("constraint"):
			constraints = append(constraints, part)
		default:
			broken = append(broken, s.column(name, t, part)...)
		}
	}
	for _, c := range constraints {
		list, after := brackets(c)
		names := columnNames(list)
		begins := len(names) > 0 && names[0] == "org"
		switch {
		case c[0].is("primary"):
			t.key = names
		case c[0].is("unique") && s.tenant(name) && !begins:
			tell("a unique constraint crosses tenants: it does not begin with org")
		case c[0].is("constraint"):
			tell("a constraint has a name; the engines change it differently later, so leave it without")
		case c[0].is("foreign"):
			to := after[1].name()
			theirs, _ := brackets(after)
			switch {
			case s.tables[to] == nil:
				tell("it refers to table %s, which does not stand before it", to)
			case s.tenant(to) && (!begins || columnNames(theirs) == nil || columnNames(theirs)[0] != "org"):
				tell("its reference to %s does not begin with org on both sides", to)
			}
		}
	}
	if len(t.key) == 0 {
		tell("it has no primary key")
	} else if s.tenant(name) && t.key[0] != "org" {
		tell("its primary key does not begin with org")
	}
	return broken
}

// column reads a column's definition.
func (s *schema) column(table string, t *sqlTable, part []word) (broken []string) {
	tell := func(format string, args ...any) {
		broken = append(broken, fmt.Sprintf("table %s, column %s: ", table, part[0].name())+fmt.Sprintf(format, args...))
	}
	t.columns = append(t.columns, part[0].name())
	if len(part) < 2 || !allowedTypes[part[1].text] {
		tell("its type is not text, integer, bigint or bytea")
	}
	if find(part, "primary", "key") > 0 {
		t.key = []string{part[0].name()}
	}
	if find(part, "unique") > 0 {
		if s.tenant(table) || s.wide[table] == "" && part[0].name() != "org" {
			tell("unique stands at a column; write an index that begins with org")
		}
	}
	if i := find(part, "references"); i > 0 {
		if to := part[i+1].name(); s.tenant(to) {
			tell("its reference to %s does not begin with org", to)
		} else if s.tables[to] == nil {
			tell("it refers to table %s, which does not stand before it", to)
		}
	}
	for _, word := range []string{"autoincrement", "generated", "collate", "deferrable"} {
		if find(part, word) > 0 {
			tell("%s is not for both engines", word)
		}
	}
	return broken
}

// oneEngine holds what only one of the engines understands, or understands in its own way.
var oneEngine = []string{"::", "ilike", "glob", "regexp", "rowid", "now", "current_timestamp", "strftime", "datetime",
	"julianday", "similar", "distinct_on", "ifnull", "nvl", "autoincrement", "replace_into", "merge"}

// checkWords tells the rules of spelling that hold everywhere.
func checkWords(words []word) (broken []string) {
	for _, w := range words {
		if w.kind == 'n' && w.text != strings.ToLower(w.text) {
			broken = append(broken, fmt.Sprintf("%q is not in lower case", w.text))
		}
	}
	return broken
}

// checkPlaces holds that $1…$n appear in ascending order, each next one being the smallest new number.
func checkPlaces(words []word) (broken []string) {
	highest := 0
	for _, w := range words {
		if w.is("?") {
			return []string{"? is not understood by PostgreSQL; write $1…$n"}
		}
		if w.kind != 'p' {
			continue
		}
		var n int
		if _, err := fmt.Sscanf(w.text, "$%d", &n); err != nil || n < 1 {
			return []string{fmt.Sprintf("%s is no place", w.text)}
		}
		if n > highest+1 {
			return []string{fmt.Sprintf("%s appears before $%d: SQLite binds by first appearance", w.text, highest+1)}
		}
		highest = max(highest, n)
	}
	return nil
}

// checkStatement tells which rules a statement breaks. Of one that only one engine runs, only the places are
// looked at.
func (s *schema) checkStatement(words []word, oneEngineOnly bool) (broken []string) {
	tell := func(format string, args ...any) { broken = append(broken, fmt.Sprintf(format, args...)) }
	broken = append(broken, checkPlaces(words)...)
	if oneEngineOnly {
		return broken
	}
	broken = append(broken, checkWords(words)...)
	for _, w := range words {
		for _, own := range oneEngine {
			if w.kind != 'q' && w.is(own) {
				tell("%s is not for both engines", own)
			}
		}
	}
	if find(words, "insert", "or") >= 0 || find(words, "replace", "into") >= 0 {
		tell("insert or … is not for both engines; write on conflict")
	}
	if find(words, "distinct", "on") >= 0 {
		tell("distinct on is not for both engines")
	}
	for i, w := range words {
		if w.is("*") && i > 0 {
			switch before := words[i-1]; {
			case before.is("select"), before.is("distinct"), before.is("all"), before.is("returning"), before.is(","):
				tell("select * : name the columns")
			case before.is(".") && i+1 < len(words) && (words[i+1].is("from") || words[i+1].is(",")):
				tell("select * : name the columns")
			}
		}
	}
	if find(words, "natural", "join") >= 0 {
		tell("natural join: write on …")
	}
	return append(broken, s.checkTenants(words)...)
}

// endsFrom are the words that end a list of tables.
var endsFrom = map[string]bool{"where": true, "group": true, "order": true, "having": true, "limit": true, "union": true,
	"except": true, "intersect": true, "on": true, "set": true, "using": true, "returning": true, "for": true, "window": true,
	"join": true, "left": true, "right": true, "inner": true, "cross": true, "full": true, "values": true, "offset": true}

// checkTenants holds that org stands wherever tenants could be mixed up.
func (s *schema) checkTenants(words []word) (broken []string) {
	tell := func(format string, args ...any) { broken = append(broken, fmt.Sprintf(format, args...)) }
	names := map[string]bool{}
	comma := false
	joined := 0 // tenant tables in the present list after from
	for i, w := range words {
		table := ""
		switch {
		case w.is("from"), w.is("join"), w.is("into"), w.is("update") && (i == 0 || !words[i-1].is("do") && !words[i-1].is("for")):
			if i+1 < len(words) {
				table = words[i+1].name()
			}
			if w.is("from") {
				joined = 0
			}
			comma = w.is("from")
		case comma && w.is(",") && i+1 < len(words):
			table = words[i+1].name()
			if s.tenant(table) && joined > 0 {
				tell("tables %s and others are joined by a comma; write join … on … .org = … .org", table)
			}
		case w.is("("), w.is(")"), w.kind == 'n' && endsFrom[strings.ToLower(w.text)]:
			comma = false
		}
		if !s.tenant(table) {
			continue
		}
		names[table] = true
		joined++
		if w.is("join") && joined > 1 {
			broken = append(broken, checkJoin(table, words[i+1:])...)
		}
		if w.is("into") {
			list, after := brackets(words[i:])
			if i+2 >= len(words) || !words[i+2].is("(") {
				tell("insert into %s names no columns", table)
				continue
			}
			columns := columnNames(list)
			if !slices.Contains(columns, "org") {
				tell("insert into %s without org", table)
			}
			if k := find(after, "on", "conflict"); k >= 0 && k+2 < len(after) && after[k+2].is("(") {
				target, _ := brackets(after[k:])
				if c := columnNames(target); c[0] != "org" {
					tell("on conflict of %s does not begin with org", table)
				}
			}
		}
	}
	byID := false // a row is looked up by its id
	for i := range words {
		byID = byID || i+2 < len(words) && words[i].is("id") && words[i+1].is("=") && words[i+2].kind == 'p'
	}
	if len(names) > 0 && byID && find(words, "org") < 0 {
		tell("it looks for a tenant's row by its id, but not by org")
	}
	return broken
}

// checkJoin holds that a join of a tenant's table with another one begins with org. words begins with its name.
func checkJoin(table string, words []word) []string {
	alias := table
	i := 1
	if i < len(words) && words[i].is("as") {
		i++
	}
	if i < len(words) && words[i].kind == 'n' && !words[i].is("on") && !words[i].is("using") {
		alias = words[i].name()
		i++
	}
	missing := []string{fmt.Sprintf("the join of %s does not begin with %s.org = … .org", table, alias)}
	if i >= len(words) {
		return missing
	}
	if words[i].is("using") {
		if list, _ := brackets(words[i:]); len(list) > 0 && list[0].is("org") {
			return nil
		}
		return missing
	}
	on := words[i:]
	for len(on) > 1 && (on[0].is("on") || on[0].is("(")) {
		on = on[1:]
	}
	side := func(w []word) (name string, n int) { // of x.org, or of a place
		if len(w) >= 3 && w[1].is(".") && w[2].is("org") {
			return w[0].name(), 3
		}
		if len(w) >= 1 && w[0].kind == 'p' {
			return "$", 1
		}
		return "", 0
	}
	left, n := side(on)
	if n == 0 || n >= len(on) || !on[n].is("=") {
		return missing
	}
	right, m := side(on[n+1:])
	if m == 0 || left != alias && right != alias || left == right {
		return missing
	}
	return nil
}
