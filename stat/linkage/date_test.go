package linkage

import (
	"testing"
	"time"
)

func TestParseDate(t *testing.T) {
	for _, c := range []struct {
		in    string
		order dateOrder
		want  date
	}{
		{"1984-03-05", dayFirst, date{1984, 3, 5}},
		{"1984-03-05T10:20:30Z", dayFirst, date{1984, 3, 5}},
		{"1984-03-05 10:20", dayFirst, date{1984, 3, 5}},
		{"19840305", dayFirst, date{1984, 3, 5}},
		{"20121999", dayFirst, date{1999, 12, 20}},
		{"05/03/1984", dayFirst, date{1984, 3, 5}},
		{"05/03/1984", monthFirst, date{1984, 5, 3}},
		{"25/03/1984", monthFirst, date{1984, 3, 25}},
		{"5.3.1984", dayFirst, date{1984, 3, 5}},
		{"5.3.84", dayFirst, date{1984, 3, 5}},
		{"5 March 1984", dayFirst, date{1984, 3, 5}},
		{"March 5, 1984", dayFirst, date{1984, 3, 5}},
		{"5-Mar-84", dayFirst, date{1984, 3, 5}},
		{"5 août 1984", dayFirst, date{1984, 8, 5}},
		{"5 de agosto de 1984", dayFirst, date{1984, 8, 5}},
		{"5 августа 1984 г.", dayFirst, date{1984, 8, 5}},
		{"Thu, 01/01/2026 - 12:00", dayFirst, date{2026, 1, 1}},
		{"Mar 1984", dayFirst, date{1984, 3, 0}},
		{"1984-03", dayFirst, date{1984, 3, 0}},
		{"03/1984", dayFirst, date{1984, 3, 0}},
		{"1984", dayFirst, date{1984, 0, 0}},
		{"1984-00-00", dayFirst, date{1984, 0, 0}},
		{"00/00/1984", dayFirst, date{1984, 0, 0}},
		{"XX/03/1984", dayFirst, date{1984, 3, 0}},
		{"??/??/1984", dayFirst, date{1984, 0, 0}},
		{"29/02/1984", dayFirst, date{1984, 2, 29}},
	} {
		got, ok := parseDate(c.in, c.order, 2010)
		if !ok || got != c.want {
			t.Errorf("parseDate(%q) = %v, %v, want %v", c.in, got, ok, c.want)
		}
	}
	for _, bad := range []string{"", "hello", "29/02/1983", "31/04/1984", "1984-13-45", "1/2/3/4", "XX/XX/XXXX", "12", "May be", "0000-00-00", "99999999999999"} {
		if got, ok := parseDate(bad, dayFirst, 2010); ok {
			t.Errorf("parseDate(%q) = %v, want a refusal", bad, got)
		}
	}
}

func TestDateStyle(t *testing.T) {
	if o, pivot := dateStyle([]string{"", "03/25/1984", "04/05/2001"}); o != monthFirst || pivot != 2001 {
		t.Errorf("dateStyle = %v, %d", o, pivot)
	}
	if o, pivot := dateStyle([]string{"", "25/03/84", "04/05/01"}); o != dayFirst || pivot != 2068 {
		t.Errorf("dateStyle = %v, %d", o, pivot)
	}
}

func TestDays(t *testing.T) {
	first := time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)
	zero := date{1900, 1, 1}.days()
	for i := 0; i < 80_000; i += 7 {
		x := first.AddDate(0, 0, i)
		if got := (date{int16(x.Year()), int16(x.Month()), int16(x.Day())}).days() - zero; got != i {
			t.Fatalf("%s is day %d, want %d", x.Format(time.DateOnly), got, i)
		}
	}
}

func TestCompareDates(t *testing.T) {
	d := func(y, m, n int16) date { return date{y, m, n} }
	for _, c := range []struct {
		a, b date
		want level
	}{
		{d(1984, 3, 5), d(1984, 5, 3), slip},
		{d(1984, 3, 5), d(1984, 3, 6), slip},
		{d(1984, 3, 15), d(1984, 3, 51), slip},
		{d(1984, 3, 5), d(1948, 3, 5), slip},
		{d(1984, 3, 5), d(1984, 3, 28), twoParts},
		{d(1984, 3, 5), d(2001, 3, 5), twoParts},
		{d(1984, 3, 5), d(1984, 11, 28), close},
		{d(1984, 3, 5), d(1990, 11, 28), similar},
		{d(1984, 3, 5), d(1960, 11, 28), differ},
		{d(1984, 0, 0), d(1984, 3, 5), partial},
		{d(1984, 3, 0), d(1984, 3, 5), partial},
		{d(1984, 4, 0), d(1984, 3, 5), close},
		{d(1970, 0, 0), d(1984, 3, 5), differ},
	} {
		if got := compareDates(c.a, c.b); got != c.want {
			t.Errorf("compareDates(%v, %v) = %s, want %s", c.a, c.b, levelName(Date, got), levelName(Date, c.want))
		}
		if got := compareDates(c.b, c.a); got != c.want {
			t.Errorf("compareDates(%v, %v) = %s, want %s", c.b, c.a, levelName(Date, got), levelName(Date, c.want))
		}
	}
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"1984-03-05", "5 Mar 84", "XX/03/1984", "Thu, 01/01/2026 - 12:00", "٠", "99999999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, o := range []dateOrder{dayFirst, monthFirst} {
			if d, ok := parseDate(s, o, 2068); ok && !d.valid() {
				t.Errorf("parseDate(%q) = %v, which is no date", s, d)
			}
		}
		if d, ok := salvageDate(s); ok && (d.year < 1850 || d.year > 2100) {
			t.Errorf("salvageDate(%q) = %v", s, d)
		}
	})
}
