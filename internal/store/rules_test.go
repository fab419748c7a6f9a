package store_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

// instanceWide are the tables that note an org without being a tenant's, and why.
var instanceWide = map[string]string{
	"log_entry":   "the public record is one log for the instance; its keys are the log's own",
	"log_pending": "what waits for the one log",
}

// migrationFiles gives the embedded migrations in their order: the name and the text.
func migrationFiles(t *testing.T) (files [][2]string) {
	t.Helper()
	entries, err := fs.ReadDir(store.Migrations, "migrations")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		text, err := fs.ReadFile(store.Migrations, "migrations/"+entry.Name())
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, [2]string{entry.Name(), string(text)})
	}
	return files
}

var engineFile = regexp.MustCompile(`\.(sqlite|postgres)\.sql$`)

// readSchema goes through the common migrations and reports what breaks the rules.
func readSchema(t *testing.T) *schema {
	t.Helper()
	s := &schema{tables: map[string]*sqlTable{}, wide: instanceWide}
	for _, file := range migrationFiles(t) {
		if engineFile.MatchString(file[0]) {
			continue
		}
		for _, broken := range s.checkMigration(file[1]) {
			t.Errorf("%s: %s", file[0], broken)
		}
	}
	return s
}

func TestMigrationsKeepTheRules(t *testing.T) {
	s := readSchema(t)
	for table := range instanceWide {
		if s.tables[table] == nil {
			t.Errorf("table %s has an exception, but does not exist", table)
		}
	}
	last := 0
	for _, file := range migrationFiles(t) {
		version, err := strconv.Atoi(file[0][:4])
		if err != nil || version != last && version != last+1 {
			t.Errorf("%s comes after number %d", file[0], last)
		}
		last = version
		if engineFile.MatchString(file[0]) {
			for _, statement := range split(lex(file[1]), ";") {
				if i := find(statement, "add", "column"); i > 0 && i+2 < len(statement) && allowedTypes[statement[i+2].text] {
					t.Errorf("%s: a column that only one engine has would be missing from a dump", file[0])
				}
				if find(statement, "create", "table") == 0 {
					t.Errorf("%s: a table that only one engine has is not dumped; make it a virtual table or an index", file[0])
				}
			}
		}
	}
}

// statement is an SQL text found in the program.
type statement struct {
	place string // file:line
	sql   string
	part  bool         // something is put before, behind or into it when the program runs
	only  store.Engine // the one engine that runs it, or ""
}

var beginsStatement = regexp.MustCompile(`(?is)^\s*(select|insert|update|delete|with)\s`)

// statements finds the SQL texts of the packages below root: constants and what is passed to Exec, Query or QueryRow.
func statements(t *testing.T, root string) (all []statement) {
	t.Helper()
	dirs := map[string][]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			dirs[filepath.Dir(path)] = append(dirs[filepath.Dir(path)], path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, files := range dirs {
		all = append(all, packageStatements(t, files)...)
	}
	slices.SortFunc(all, func(a, b statement) int { return strings.Compare(a.place, b.place) })
	return all
}

func packageStatements(t *testing.T, files []string) (all []statement) {
	set := token.NewFileSet()
	named := map[string]ast.Expr{} // constants and variables by name
	added := map[string]bool{}     // those that something is added to
	var parsed []*ast.File
	for _, path := range files {
		file, err := parser.ParseFile(set, path, nil, 0)
		if err != nil {
			t.Errorf("%v", err) // someone else's file may be half-written: go on with the others
			continue
		}
		parsed = append(parsed, file)
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ValueSpec:
				for i, name := range n.Names {
					if i < len(n.Values) {
						named[name.Name] = n.Values[i]
					}
				}
			case *ast.BinaryExpr:
				for _, side := range []ast.Expr{n.X, n.Y} {
					if name, ok := side.(*ast.Ident); ok && n.Op == token.ADD {
						added[name.Name] = true
					}
				}
			case *ast.AssignStmt:
				if name, ok := n.Lhs[0].(*ast.Ident); ok && n.Tok == token.ADD_ASSIGN {
					added[name.Name] = true
				}
			}
			return true
		})
	}
	keep := func(at ast.Node, name string, expr ast.Expr) {
		text, whole := evaluate(expr, named, 0)
		if !beginsStatement.MatchString(text) {
			return
		}
		place := set.Position(at.Pos())
		all = append(all, statement{
			place: fmt.Sprintf("%s:%d", place.Filename, place.Line),
			sql:   text,
			part:  !whole || added[name] || strings.Contains(text, "%s") || strings.Contains(text, "%d"),
			only:  onlyEngine(name, filepath.Base(place.Filename)),
		})
	}
	for _, file := range parsed {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ValueSpec:
				for i, name := range n.Names {
					if i < len(n.Values) {
						keep(n.Values[i], name.Name, n.Values[i])
					}
				}
			case *ast.CallExpr:
				method, ok := n.Fun.(*ast.SelectorExpr)
				if !ok || len(n.Args) == 0 || !slices.Contains([]string{"Exec", "Query", "QueryRow"}, method.Sel.Name) {
					break
				}
				if _, constant := n.Args[0].(*ast.Ident); !constant {
					keep(n.Args[0], "", n.Args[0])
				}
			}
			return true
		})
	}
	return all
}

// evaluate gives the text of an expression as far as it stands in the source.
func evaluate(expr ast.Expr, named map[string]ast.Expr, depth int) (text string, whole bool) {
	if depth > 10 {
		return "", false
	}
	switch e := expr.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			text, err := strconv.Unquote(e.Value)
			return text, err == nil
		}
	case *ast.ParenExpr:
		return evaluate(e.X, named, depth)
	case *ast.Ident:
		if value := named[e.Name]; value != nil {
			return evaluate(value, named, depth+1)
		}
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			left, ok1 := evaluate(e.X, named, depth)
			right, ok2 := evaluate(e.Y, named, depth)
			return left + right, ok1 && ok2
		}
	case *ast.CallExpr:
		if method, ok := e.Fun.(*ast.SelectorExpr); ok && method.Sel.Name == "ForUpdate" {
			return "", true
		}
	}
	return "", false
}

// onlyEngine tells by the name of a constant or of its file that only one engine runs the text.
func onlyEngine(name, file string) store.Engine {
	switch {
	case strings.HasSuffix(name, "SQLite"), strings.HasPrefix(file, "sqlite"):
		return store.SQLite
	case strings.HasSuffix(name, "Postgres"), strings.HasPrefix(file, "postgres"):
		return store.Postgres
	case strings.HasPrefix(file, "citus"):
		return "citus"
	}
	return ""
}

func TestStatementsKeepTheRules(t *testing.T) {
	s := readSchema(t)
	all := statements(t, "..")
	if len(all) < 20 {
		t.Fatalf("only %d statements were found", len(all))
	}
	for _, st := range all {
		for _, broken := range s.checkStatement(lex(st.sql), st.only != "") {
			t.Errorf("%s: %s\n%s", st.place, broken, st.sql)
		}
	}
}

// TestStatementsPrepare has each engine parse and plan every whole statement of the program on the newest schema.
func TestStatementsPrepare(t *testing.T) {
	all := statements(t, "..")
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		prepared := 0
		for _, st := range all {
			if st.part || st.only != "" && st.only != db.Engine() {
				continue
			}
			if err := store.Prepare(t.Context(), db, st.sql); err != nil {
				t.Errorf("%s: %v\n%s", st.place, err, st.sql)
			}
			prepared++
		}
		t.Logf("%d of %d statements", prepared, len(all))
	})
}

// TestRulesAreHeld plants what breaks each rule, to see that the rules bite.
func TestRulesAreHeld(t *testing.T) {
	const sound = `
create table kind (name text primary key);
create table parent (org text not null, id text not null, kind text not null references kind (name), n bigint, b bytea,
  primary key (org, id));
create unique index parent_n on parent (org, n) where n > 0;
create table child (org text not null, id text not null, parent text, "order" integer not null default 0,
  primary key (org, id), foreign key (org, parent) references parent (org, id));
create index child_parent on child (parent); -- a comment; with a semicolon, $3 and a 'quote
insert into kind (name) values ('a''b;c');
alter table child add column late text not null default '';
create table wide (id text primary key, org text not null);
create unique index wide_org on wide (id, org);`
	read := func(more string) (*schema, []string) {
		s := &schema{tables: map[string]*sqlTable{}, wide: map[string]string{"wide": "for the test"}}
		return s, s.checkMigration(sound + "\n" + more)
	}
	good, broken := read("")
	if len(broken) > 0 {
		t.Fatalf("the sound schema: %q", broken)
	}
	for _, table := range []string{"parent", "child"} {
		if !good.tenant(table) {
			t.Errorf("%s is a tenant's table", table)
		}
	}
	schemas := []struct{ sql, want string }{
		{"create table x (id varchar(20) primary key)", "its type is not"},
		{"create table x (id text primary key, n real)", "its type is not"},
		{"create table x (id text primary key, at timestamp)", "its type is not"},
		{"create table x (id text primary key, n)", "its type is not"},
		{"alter table child add column n boolean", "its type is not"},
		{"alter table nobody add column n text", "no migration has created"},
		{"create table x (id text)", "no primary key"},
		{"create table x (org text, id text, primary key (id, org))", "primary key does not begin with org"},
		{"create table x (org text, id text primary key)", "primary key does not begin with org"},
		{"create table x (org text, id text, p text, primary key (org, id), foreign key (p, org) references parent (id, org))", "reference to parent does not begin with org"},
		{"create table x (org text, id text, p text, primary key (org, id), foreign key (org, p) references parent (id, org))", "reference to parent does not begin with org"},
		{"create table x (org text, id text references parent (id), primary key (org, id))", "reference to parent does not begin with org"},
		{"create table x (id text primary key, p text references later (id))", "does not stand before it"},
		{"create table x (org text, id text, p text, primary key (org, id), foreign key (org, p) references later (org, id))", "does not stand before it"},
		{"create unique index x on child (parent)", "crosses tenants"},
		{"create unique index x on child (parent, org)", "crosses tenants"},
		{"create table x (org text, id text, n text, primary key (org, id), unique (n, org))", "crosses tenants"},
		{"create table x (org text, id text, n text unique, primary key (org, id))", "unique stands at a column"},
		{"create index x on nobody (id)", "no migration has created"},
		{"create table kind (id text primary key)", "created twice"},
		{"create table x (id integer primary key autoincrement)", "autoincrement"},
		{"create table x (id text primary key) strict", "not for both engines"},
		{"create table x (id text, constraint p primary key (id))", "has a name"},
		{"CREATE TABLE x (id text primary key)", "lower case"},
		{"create table x (id TEXT primary key)", "its type is not"},
		{"insert into parent values ('o', 'i', 'k', 1, null)", "names no columns"},
	}
	for _, c := range schemas {
		if _, broken := read(c.sql); !strings.Contains(strings.Join(broken, "\n"), c.want) {
			t.Errorf("%s\ngives %q, want %q", c.sql, broken, c.want)
		}
	}
	texts := []struct{ sql, want string }{
		{"select id from parent where org = $1 and id = $2 and n > $1", ""},
		{"select count(*), 2 * n from parent where org = $1 group by n", ""},
		{"select p.id from parent p join child c on c.org = p.org and c.parent = p.id where p.org = $1", ""},
		{"select p.id from parent as p left join child as c on (p.org = c.org and c.parent = p.id) where p.org = $1", ""},
		{"select p.id from parent p join child c on c.org = $1 and c.parent = p.id where p.org = $1", ""},
		{"select id from parent join child using (org, id)", ""},
		{"select parent.id from parent join kind on kind.name = parent.kind where parent.org = $1", ""},
		{"select w.id from wide w where w.id = $1", ""},
		{"insert into child (org, id) values ($1, $2) on conflict (org, id) do update set parent = excluded.parent", ""},
		{"update child set parent = $1 where org = $2", ""},
		{"delete from child where org = $1", ""},
		{"select kind, count(*) from parent group by kind", ""},
		{"with c as (select org, id from child) select id from c where org = $1 order by id for update", ""},
		{`select '*', 'NOW()', "order", 'it''s $9' from child where org = $1`, ""},

		{"select * from kind", "name the columns"},
		{"select k.* from kind k", "name the columns"},
		{"select name, * from kind", "name the columns"},
		{"select k.*, 1 from kind k", "name the columns"},
		{"delete from kind returning *", "name the columns"},
		{"select name from kind where name = $2 and name <> $1", "first appearance"},
		{"select name from kind where name = $1 and name <> $3", "first appearance"},
		{"update kind set name = $2 where name = $1", "first appearance"},
		{"select name from kind where name = ?", "not understood by PostgreSQL"},
		{"select name from kind where name = $a", "is no place"},
		{"select name from kind where name = $0", "is no place"},
		{"SELECT name from kind", "lower case"},
		{"select Name from kind", "lower case"},
		{"select name::text from kind", ":: is not for both"},
		{"select name from kind where name ilike $1", "ilike"},
		{"select now() from kind", "now"},
		{"select rowid from kind", "rowid"},
		{"insert or replace into kind (name) values ($1)", "write on conflict"},
		{"replace into kind (name) values ($1)", "write on conflict"},
		{"select distinct on (kind) id from parent where org = $1", "distinct on"},
		{"select id from parent where id = $1", "but not by org"},
		{"update child set parent = $1 where id = $2", "but not by org"},
		{"insert into child (id) values ($1)", "without org"},
		{"insert into child values ($1, $2)", "names no columns"},
		{"insert into child (org, id) values ($1, $2) on conflict (id) do nothing", "on conflict of child"},
		{"insert into child (org, id) values ($1, $2) on conflict (id, org) do nothing", "on conflict of child"},
		{"select p.id from parent p join child c on c.parent = p.id where p.org = $1", "join of child does not begin"},
		{"select p.id from parent p join child c on c.parent = p.id and c.org = p.org where p.org = $1", "join of child does not begin"},
		{"select p.id from parent p join child c on p.org = p.org and c.parent = p.id", "join of child does not begin"},
		{"select p.id from parent p join child c on p.org <> c.org", "join of child does not begin"},
		{"select p.id from parent p cross join child c where p.org = $1", "join of child does not begin"},
		{"select a.id from parent a join parent b on b.id = a.id where a.org = $1", "join of parent does not begin"},
		{"select id from parent join child using (id, org)", "join of child does not begin"},
		{"select p.id from parent p, child c where p.org = c.org", "joined by a comma"},
		{"select p.id from kind k join parent p on p.kind = k.name join child c on c.parent = p.id where p.org = $1", "join of child does not begin"},
		{"select parent.id from parent natural join child where org = $1", "natural join"},
	}
	for _, c := range texts {
		broken := good.checkStatement(lex(c.sql), false)
		if c.want == "" && len(broken) > 0 || c.want != "" && !strings.Contains(strings.Join(broken, "\n"), c.want) {
			t.Errorf("%s\ngives %q, want %q", c.sql, broken, c.want)
		}
	}
	if broken := good.checkStatement(lex("select relname::text from pg_class where oid = $1"), true); len(broken) > 0 {
		t.Errorf("one engine's own statement: %q", broken)
	}
	if broken := good.checkStatement(lex("select $2, $1 from pg_class"), true); len(broken) == 0 {
		t.Error("one engine's own statement may not have its places in disorder")
	}
}

// TestStatementsAreFound plants texts in Go files, to see that none is overlooked.
func TestStatementsAreFound(t *testing.T) {
	dir := t.TempDir()
	source := `package planted

const selectA = "select a from t"
const (
	columns = "select b"
	selectB = columns + " from t" + order
	order   = " order by b"
	notSQL  = "selected for you"
	begin   = "insert into t (a) values "
)
var updateC = ` + "`\n  update t set c = $1`" + `

func f(tx Tx) {
	const inside = "delete from t"
	tx.Exec("insert into t (d) values ($1)", 1)
	tx.Query(selectA + tx.ForUpdate())
	tx.QueryRow("with e as (select 1 as one) select one from e")
	tx.Exec(begin + places(3))
	tx.Exec(selectPostgres)
}

const selectPostgres = "select f from pg_class"
`
	if err := os.WriteFile(filepath.Join(dir, "planted.go"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, st := range statements(t, dir) {
		got = append(got, fmt.Sprintf("%s|%v|%s", strings.Join(strings.Fields(st.sql), " "), st.part, st.only))
	}
	want := []string{
		"select a from t|true|", // something is added to it
		"select b|true|",
		"select b from t order by b|false|",
		"insert into t (a) values|true|",
		"update t set c = $1|false|",
		"delete from t|false|",
		"insert into t (d) values ($1)|false|",
		"select a from t|false|",
		"with e as (select 1 as one) select one from e|false|",
		"insert into t (a) values|true|",
		"select f from pg_class|false|postgres",
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
