package evaluate

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	f := mustRead(t, "\xef\xbb\xbf\"t\";\"y\";\"name\"\r\n1;\"1,5\";a\r\n\r\n2;NA;b\r\n3;2,25;\"c;d\"\r\n")
	y, err := f.numbers("y")
	if err != nil || y[0] != 1.5 || !math.IsNaN(y[1]) || y[2] != 2.25 {
		t.Errorf("%v, %v", y, err)
	}
	if f.Len() != 3 || !slices.Equal(f.Columns(), []string{"t", "y", "name"}) || !f.isText("name") || f.isText("y") || len(f.Hash()) != 64 {
		t.Errorf("%+v", f)
	}
	if f = mustRead(t, ",y\n1,2\n"); f.names[0] != "row" {
		t.Errorf("%v", f.names)
	}
	for text, want := range map[string]string{
		"":                    "the file is empty",
		"a,b\n":               "no row of data",
		"a,b\n1\n":            "row 2: the row has 1 columns, the first row has 2",
		"a,a\n1,2\n":          `row 1, column "a": columns 1 and 2 have the same name`,
		"a,\n1,2\n":           `row 1, column "2": the column has no name`,
		"1,2\n3,4\n":          "the first row holds numbers",
		"a,b\n\"1,2\n":        "row 2: a quotation mark is opened",
		"a,b\n1,\xff\n":       "not UTF-8",
		"PK\x03\x04 workbook": "a workbook or an archive",
	} {
		_, err := Read(strings.NewReader(text))
		var bad *InputError
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	if _, err := mustRead(t, "a,b\n1,\"1,234\"\n").numbers("b"); err == nil || !strings.Contains(err.Error(), "without separators of thousands") {
		t.Error(err)
	}
	if _, err := mustRead(t, "a,b\n1,0x1p4\n").numbers("b"); err == nil {
		t.Error("hexadecimal is read as a number")
	}
}

// Periods in all the ways they are written, with the distance of the last from
// the first and the label of the last.
func TestPeriods(t *testing.T) {
	for _, c := range []struct {
		cells string
		kind  calendar
		last  int
		label string
	}{
		{"1 2 3", numbers, 2, "3"}, {"1970 1975 1980", years, 2, "1980"}, {"2001 2002 2005", years, 4, "2005"},
		{"202311 202312 202402", months, 3, "2024-02"}, {"20240101 20240201", months, 1, "2024-02"}, {"20240101 20240108", weeks, 1, "2024-01-08"},
		{"2024-01 2024-03 2024-02", months, 2, "2024-03"}, {"2024-01-31 2024-02-29", months, 1, "2024-02"}, {"2024-01-01 2024-01-02 2024-01-03", days, 2, "2024-01-03"},
		{"2024Q1 2024-Q4", quarters, 1, "2024 Q4"}, {"Q1-2024 Q2-2024", quarters, 1, "2024 Q2"}, {"2024M1 2024M12 2024M6", months, 11, "2024-12"}, {"2020W53 2021W01", weeks, 1, "2021-01-04"},
		{"31.12.2023 1.1.2024", days, 1, "2024-01-01"}, {"31/12/2023 01/01/2024", days, 1, "2024-01-01"}, {"12/31/2023 01/01/2024", days, 1, "2024-01-01"},
		{"Jan-2024 Mar-2024 Feb-2024", months, 2, "2024-03"}, {"01/2024 04/2024 07/2024", months, 2, "2024-07"}, {"2024-01-01T00:00:00Z 2024-02-01T00:00:00Z", months, 1, "2024-02"},
	} {
		f := mustRead(t, "d,x\n"+strings.Join(strings.Fields(c.cells), ",0\n")+",0\n")
		p, err := f.readPeriods("d")
		if err != nil {
			t.Errorf("%s: %v", c.cells, err)
			continue
		}
		if p.calendar != c.kind || p.last != c.last || p.label(p.last) != c.label {
			t.Errorf("%s: %s, last %d %q; want %s, %d, %q", c.cells, p.calendar, p.last, p.label(p.last), c.kind, c.last, c.label)
		}
	}
	f := mustRead(t, "d,x\n\"Thu, 01/01/2026 - 12:00\",1\n\"Fri, 01/02/2026 - 12:00\",1\n")
	if p, err := f.readPeriods("d"); err != nil || p.last != 1 {
		t.Errorf("%+v, %v", p, err)
	}
	for cells, want := range map[string]string{
		"2024-01 soon":          "is not written as",
		"2024-01 NA":            "the period is missing",
		"1.5 2":                 "is not a whole number",
		"2024-13":               "neither a number nor a date",
		"01/02/2024 03/04/2024": "write dates as 2024-01-31",
		"1 two":                 "is not written as",
	} {
		f := mustRead(t, "d,x\n"+strings.Join(strings.Fields(cells), ",0\n")+",0\n")
		if _, err := f.readPeriods("d"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", cells, err, want)
		}
	}
	if s := mustPeriods(t, "2024-01 2024-04 2024-07").season(); s != 4 {
		t.Errorf("months in quarters: season %g", s)
	}
	if s := mustPeriods(t, "2001 2002").season(); s != 0 {
		t.Errorf("years: season %g", s)
	}
}

func mustPeriods(t *testing.T, cells string) *periods {
	t.Helper()
	p, err := mustRead(t, "d,x\n"+strings.Join(strings.Fields(cells), ",0\n")+",0\n").readPeriods("d")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Year and month together are the periods, and t is the number of the period.
func TestYearAndMonth(t *testing.T) {
	g := lcg(2)
	var b table
	b.row("year", "month", "y", "law")
	for i := range 30 {
		b.row(2020+i/12, 1+i%12, math.Floor(10*g.uniform()), indicator(i >= 15))
	}
	r := mustEvaluate(t, mustRead(t, b.String()), Options{Formula: "y ~ t + law + harmonics(1)"})
	if r.Series == nil || r.Series.At != "2021-04" || r.Series.Season != 12 {
		t.Errorf("%+v, %s", r.Series, r.Reason)
	}
}

// Whatever is read gives an error or a table, and every column can be asked
// for.
func FuzzRead(f *testing.F) {
	for _, s := range []string{"t,y\n1,2\n", "a;b\n1,5;x\n", "d\tv\n2024-01\t3\n2024-02\t\n", "\"a\",b\n\"1\"\"\",2\n", "date,y\n01/02/2024,1\n31/12/2024,2\n", "q,y\n2024Q1,<5\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		frame, err := Read(strings.NewReader(text))
		if err != nil {
			var bad *InputError
			if !errors.As(err, &bad) {
				t.Fatal(err)
			}
			return
		}
		for _, name := range frame.Columns() {
			if v, err := frame.numbers(name); err == nil && len(v) != frame.Len() {
				t.Fatalf("%d numbers in %d rows", len(v), frame.Len())
			}
			if p, err := frame.readPeriods(name); err == nil {
				for _, i := range p.index {
					if i < p.first || i > p.last {
						t.Fatalf("period %d outside %d to %d", i, p.first, p.last)
					}
				}
				_ = p.label(p.last)
			}
		}
	})
}
