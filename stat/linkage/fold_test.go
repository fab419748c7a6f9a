package linkage

import (
	"testing"
	"unicode/utf8"
)

func TestFold(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"  Anna  Maria ", "anna maria"},
		{"O'Brien", "obrien"},
		{"O’BRIEN", "obrien"},
		{"Jean-Luc", "jean luc"},
		{"Núñez", "nunez"},
		{"Łódź", "lodz"},
		{"Straße", "strasse"},
		{"Ærøskøbing", "aeroskobing"},
		{"Иванов", "ivanov"},
		{"Щёлково", "shchelkovo"},
		{"Γιώργος", "giorgos"},
		{"محمد", "mhmd"},
		{"مُحَمَّد", "mhmd"},
		{"٠١٢٣٤٥٦٧٨٩", "0123456789"},
		{"۱۲۳", "123"},
		{"१२३", "123"},
		{"王小明", "王小明"},
		{"ﬁn", "fin"},
		{"...", ""},
	} {
		if got := Fold(c.in); got != c.want {
			t.Errorf("Fold(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestSkeleton(t *testing.T) {
	for _, same := range [][]string{
		{"mohammed", "muhammad", "mohamed", "mohamad", "mhmd"},
		{"yusuf", "youssef", "yousef"},
		{"katherine", "catherine"},
		{"hussein", "husain", "hossein"},
		{"al hasan", "hassan", "el hassan"},
		{"dmitri", "dmitry", "dmitriy"},
	} {
		for _, s := range same[1:] {
			if a, b := Skeleton(same[0]), Skeleton(s); a != b {
				t.Errorf("%s gives %q and %s gives %q", same[0], a, s, b)
			}
		}
	}
	for _, pair := range [][2]string{{"ali", "li"}, {"anna", "maria"}, {"ahmed", "mohammed"}} {
		if a, b := Skeleton(pair[0]), Skeleton(pair[1]); a == b {
			t.Errorf("%s and %s both give %q", pair[0], pair[1], a)
		}
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"O'Brien", "Ærø", "محمد", "Иванов", "\xff\xfe", "a\u0301", "1/2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := Fold(s)
		if utf8.ValidString(s) && !utf8.ValidString(once) {
			t.Errorf("Fold(%q) is not valid text", s)
		}
		if twice := Fold(once); twice != once {
			t.Errorf("Fold(%q) = %q, and folded again %q", s, once, twice)
		}
		Skeleton(once)
	})
}
