package linkage

import (
	"fmt"
	"strings"
	"testing"
)

func TestGuessKind(t *testing.T) {
	for _, c := range []struct {
		header string
		values string
		want   Kind
	}{
		{"x", "Smith|Jones|de la Cruz|O'Brien|Nguyen", Name},
		{"x", "1984-03-05|1990-12-31|2001-01-01|1977-07-07|1966-02-03", Date},
		{"x", "19840305|19901231|20010101|19770707|19660203", Date},
		{"dob", "05/03/84|unclear|31.12.90", Date},
		{"x", "5 March 1984|Dec 1990|7 July 1977", Date},
		{"x", "2602|0810|4870|3000|7001|9999", Code},
		{"x", "m|f|f|m", Code},
		{"x", "nsw|vic|qld|wa", Code},
		{"x", "AB123456|CD999|EF12", Code},
		{"x", "ann@example.org|bob@example.org", Code},
		{"age", "17|23|40|41", Number},
		{"x", "1.75|1.80|1.62", Number},
		{"postage", "17|23|40|41", Code},
		{"address", "Long Lane|High Street", Text},
		{"x", "12 Long Lane North|7 High Street|99 The Old Mill Road", Text},
		{"suburb", "Carlton|Fitzroy|Mt Eliza", Place},
		{"place of birth", "Tunis|Sfax", Place},
		{"Apellido", "García|López", Name},
		{"x", "", Code},
	} {
		if got := guessKind(c.header, append([]string{""}, strings.Split(c.values, "|")...)); got != c.want {
			t.Errorf("guessKind(%s, %s) = %s, want %s", c.header, c.values, got, c.want)
		}
	}
}

func TestGuessDoesNotDependOnOrder(t *testing.T) {
	var values, reversed []string
	for i := range 30_000 {
		values = append(values, fmt.Sprintf("%d-%02d-%02d", 1950+i%60, 1+i%12, 1+i%28), fmt.Sprintf("word%d", i))
	}
	for i := range values {
		reversed = append(reversed, values[len(values)-1-i])
	}
	if a, b := guessKind("x", values), guessKind("x", reversed); a != b {
		t.Errorf("guesses %s and %s", a, b)
	}
}

func TestParseKinds(t *testing.T) {
	got, err := ParseTypes("surname=name, when=DATE,k=v=code")
	if err != nil || got["surname"] != Name || got["when"] != Date || got["k=v"] != Code {
		t.Errorf("ParseTypes = %v, %v", got, err)
	}
	for _, bad := range []string{"surname", "surname=colour", "=,x"} {
		if _, err := ParseTypes(bad); err == nil {
			t.Errorf("ParseTypes(%q) was accepted", bad)
		}
	}
	if c, p, err := ParseTruth(`rec_id:rec-(\d+)`); err != nil || c != "rec_id" || p.FindStringSubmatch("rec-12-org")[1] != "12" {
		t.Errorf("ParseTruth = %s, %v, %v", c, p, err)
	}
	if _, _, err := ParseTruth(":x"); err == nil {
		t.Error("a truth without a column was accepted")
	}
	if _, _, err := ParseTruth("x:("); err == nil {
		t.Error("a broken expression was accepted")
	}
}
