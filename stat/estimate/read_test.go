package estimate

import (
	"errors"
	"strings"
	"testing"
	"testing/iotest"
)

func TestReadAccepts(t *testing.T) {
	want := mustRead(t, sevenCSV)
	for name, csv := range map[string]string{
		"byte order mark and CRLF":  "\ufeff" + strings.ReplaceAll(sevenCSV, "\n", "\r\n"),
		"semicolons":                strings.ReplaceAll(sevenCSV, ",", ";"),
		"tabs":                      strings.ReplaceAll(sevenCSV, ",", "\t"),
		"quoted names":              strings.Replace(sevenCSV, "A,B,C,n", `"A","B","C","n"`, 1),
		"spaces":                    strings.ReplaceAll(sevenCSV, ",", ", "),
		"blank lines":               strings.ReplaceAll(sevenCSV, "\n", "\n\n"),
		"no line end at the end":    strings.TrimSuffix(sevenCSV, "\n"),
		"the row of nobody, with 0": sevenCSV + "0,0,0,0\n",
	} {
		got, err := Read(strings.NewReader(csv))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got.Hash() != want.Hash() {
			t.Errorf("%s: another table", name)
		}
	}
	// Combinations left out count nobody.
	if n := mustRead(t, artificialCSV).Count("A", "C"); n != 0 {
		t.Errorf("A and C: %d", n)
	}
}

func TestReadRefuses(t *testing.T) {
	many := strings.Repeat("L,", 11)
	header := ""
	for i := range 11 {
		header += string(rune('A'+i)) + ","
	}
	for _, c := range []struct{ name, csv, want string }{
		{"empty", "", "the file is empty; give a row of names and one row per combination of lists"},
		{"only blank", "\n \n", "the file is empty; give a row of names and one row per combination of lists"},
		{"one column", "A\n1\n", "row 1: there is one column; separate the columns by commas: one column for each list and a last column of counts"},
		{"no header", "1,0,5\n0,1,6\n", "row 1: the first row holds numbers instead of names; add a first row that names the lists and the column of counts"},
		{"one list", "A,n\n1,5\n", "the table has one list; estimation needs at least two lists; give one column of 0 and 1 for each list and a last column of counts"},
		{"two lists of one name", "A,A,n\n1,0,5\n", `row 1, column "2": the name "A" is also that of column 1; give every list a name of its own`},
		{"count named as a list", "A,B,A\n1,0,5\n", `row 1, column "3": the name "A" is also that of column 1; the last column holds the counts; give it a name of its own`},
		{"nameless list", "A,,n\n1,0,5\n", `row 1, column "2": the list has no name; name every column in the first row`},
		{"separator at the end", "A,B,n,\n1,0,5,\n", `row 1, column "4": the last column has no name; name it, for example "count"; a separator too many at the end of each row has the same effect`},
		{"too many lists", header + "n\n" + strings.TrimSuffix(many, ","), "the table has 11 lists, more than 10; merge lists of the same kind, or check that every column but the last is a list"},
		{"short row", "A,B,n\n1,0,5\n0,1\n", "row 3: the row has 2 columns, the first row has 3; give a 0 or 1 for every list and then the count; the file may be cut off here"},
		{"long row", "A,B,n\n1,0,5,7\n", "row 2: the row has 4 columns, the first row has 3; give a 0 or 1 for every list and then the count; the file may be cut off here"},
		{"mixed separators", "A,B,n\n1,0,5\n0;1;6\n", "row 3: the row uses a semicolon while the first row uses comma; use one separator throughout"},
		{"mixed separators in the header", "A,B;C,n\n1,0,5\n", `row 1, column "2": the name "B;C" holds a semicolon while columns are separated by comma; use one separator throughout`},
		{"not 0 or 1", "A,B,n\n1,0,5\nyes,1,6\n", `row 3, column "A": "yes" is neither 0 nor 1; write 1 for people in this list and 0 for people not in it; the count comes last`},
		{"count first", "n,A,B\n54,1,0\n", `row 2, column "n": "54" is neither 0 nor 1; write 1 for people in this list and 0 for people not in it; the count comes last`},
		{"negative", "A,B,n\n1,0,-5\n", `row 2, column "n": "-5" is negative; write the number of people as 0, 1, 2 and so on, without separators`},
		{"fraction", "A,B,n\n1,0,5.5\n", `row 2, column "n": "5.5" is not a whole number; counts of people are whole; a weighted table cannot be used here`},
		{"grouped digits", "A,B,n\n1,0,\"1,234\"\n", `row 2, column "n": "1,234" is not a whole number; write the number of people as 0, 1, 2 and so on, without separators`},
		{"not a number", "A,B,n\n1,0,NaN\n", `row 2, column "n": "NaN" is not a whole number; write the number of people as 0, 1, 2 and so on, without separators`},
		{"infinite", "A,B,n\n1,0,Inf\n", `row 2, column "n": "Inf" is not a whole number; write the number of people as 0, 1, 2 and so on, without separators`},
		{"missing count", "A,B,n\n1,0,\n", `row 2, column "n": the count is missing; write the number of people, 0 where there is nobody`},
		{"too large", "A,B,n\n1,0,99999999999999999999999\n", `row 2, column "n": "99999999999999999999999" is too large; check that the last column is a count`},
		{"too many people", "A,B,n\n1,0,900000000\n0,1,900000000\n", `row 3, column "n": the counts add up to more than 1000000000 people; check that the last column is a count`},
		{"a combination twice", "A,B,n\n1,0,5\n0,1,5\n1,0,6\n", "row 4: the same combination of lists already stands in row 2; keep one row per combination, with the total count"},
		{"people in no list", "A,B,n\n1,0,5\n0,0,6\n", `row 3, column "n": 6 people are counted as being in no list; remove this row: the number of people in no list is what is estimated`},
		{"an empty list", "A,B,C,n\n1,0,0,5\n0,1,0,6\n1,1,0,2\n", `column "C": the list holds nobody; leave this list out of the table`},
		{"the same list twice", "A,B,C,n\n1,1,0,5\n0,0,1,6\n1,1,1,2\n", `column "B": the list holds exactly the same people as "A"; keep one of the two: a copy of a list is not a second observation`},
		{"all counts 0", "A,B,n\n1,0,0\n", "the table counts nobody; give one row per combination of lists, with the number of people in the last column"},
		{"header alone", "A,B,n\n", "the table counts nobody; give one row per combination of lists, with the number of people in the last column"},
		{"cut off inside quotes", "A,B,n\n1,0,5\n\"0,1", "row 3: a quotation mark is opened and not closed, or stands inside a value; the file may be cut off; check the quotation marks of this row"},
		{"UTF-16", "\xff\xfeA\x00,\x00", "the file is not UTF-8 text; save it as CSV (UTF-8)"},
		{"binary", "PK\x03\x04\x00\x00", "the file is not UTF-8 text; save it as CSV (UTF-8)"},
		{"Latin-1", "\xc9tat,B,n\n", "the file is not UTF-8 text; save it as CSV (UTF-8)"},
		{"huge", "A,B,n\n" + strings.Repeat("1,0,5\n", 200_000), "the file is larger than 1048576 bytes; give one row per combination of lists with its count, not one row per person"},
	} {
		_, err := Read(strings.NewReader(c.csv))
		var input *InputError
		if !errors.As(err, &input) {
			t.Errorf("%s: error %v is not an *InputError", c.name, err)
			continue
		}
		if err.Error() != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, err, c.want)
		}
	}
}

func TestReadPassesReadErrors(t *testing.T) {
	_, err := Read(iotest.ErrReader(errors.New("disk gone")))
	var input *InputError
	if err == nil || errors.As(err, &input) || !strings.Contains(err.Error(), "reading table: disk gone") {
		t.Errorf("error %v", err)
	}
}

func FuzzRead(f *testing.F) {
	for _, csv := range []string{
		kosovoCSV, artificialCSV, sevenCSV, "\ufeffA;B;n\r\n1;0;5\r\n0;1;3\r\n", "A\tB\tn\n1\t1\t4\n1\t0\t2\n",
		"A,B,n\n1,0,\"5\n", "A,B;n\n1,0,5", "A,A,n\n", ",,\n,,\n", "A,B,n\n1,0,NaN\n", "\"A\"\"\",B,n\n1,0,1\n0,1,1",
	} {
		f.Add(csv)
	}
	f.Fuzz(func(t *testing.T, csv string) {
		tab, err := Read(strings.NewReader(csv))
		if err != nil {
			var input *InputError
			if !errors.As(err, &input) || input.Problem == "" || input.Advice == "" {
				t.Fatalf("error without problem or advice: %#v", err)
			}
			return
		}
		if n := len(tab.Lists()); n < 2 || n > MaxLists || tab.Observed() < 1 || tab.Observed() > MaxObserved {
			t.Fatalf("accepted %d lists, %d people", n, tab.Observed())
		}
		var sum int64
		for _, c := range tab.counts {
			if c < 0 {
				t.Fatal("negative count")
			}
			sum += c
		}
		if sum != tab.Observed() || tab.counts[0] != 0 {
			t.Fatal("counts do not add up")
		}
		again, err := NewTable(tab.lists, tab.counts)
		if err != nil || again.Hash() != tab.Hash() {
			t.Fatalf("the table does not come back: %v", err)
		}
	})
}
