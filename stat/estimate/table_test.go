package estimate

import (
	"errors"
	"slices"
	"testing"
)

func TestTable(t *testing.T) {
	tab := mustRead(t, kosovoCSV)
	if got := tab.Lists(); !slices.Equal(got, []string{"EXH", "OSCE", "ABA", "HRW"}) {
		t.Errorf("lists %v: want the largest first", got)
	}
	for _, c := range []struct {
		got, want int64
		what      string
	}{
		{tab.Observed(), 4400, "observed"},
		{tab.Count("EXH", "ABA"), 177, "EXH and ABA alone"},
		{tab.Count("ABA", "EXH"), 177, "ABA and EXH alone"},
		{tab.Count("nobody"), 0, "an unknown list"},
		{tab.Size("EXH", "ABA"), 177 + 181 + 18 + 27, "EXH and ABA"},
		{tab.Size("EXH"), 1910, "EXH"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %d, want %d", c.what, c.got, c.want)
		}
	}
	overlaps := tab.Overlaps()
	if len(overlaps) != 6 || overlaps[0] != (Overlap{[2]string{"EXH", "OSCE"}, 478}) {
		t.Errorf("overlaps %v", overlaps)
	}
}

func TestWithoutMergeWithin(t *testing.T) {
	tab := mustRead(t, sevenCSV)
	without, err := tab.Without("C")
	if err != nil {
		t.Fatal(err)
	}
	if without.Observed() != 182-40 || without.Count("A") != 60+9 || without.Count("A", "B") != 12+3 {
		t.Errorf("without C: %v %v", without.lists, without.counts)
	}
	merged, err := tab.Merge("C", "A")
	if err != nil {
		t.Fatal(err)
	}
	if merged.Observed() != 182 || merged.Count("A+C") != 60+40+9 || merged.Count("A+C", "B") != 12+8+3 || merged.Count("B") != 50 {
		t.Errorf("merged: %v %v", merged.lists, merged.counts)
	}
	within, err := tab.Within("C")
	if err != nil {
		t.Fatal(err)
	}
	if tab.Size("C") != 60 || within.Observed() != 20 || within.Count("A") != 9 || within.Count("B") != 8 || within.Count("A", "B") != 3 {
		t.Errorf("within C: %v %v", within.lists, within.counts)
	}
	// Lists that share nobody with C are left out: here too few are left.
	_, err = mustRead(t, artificialCSV).Within("A")
	var input *InputError
	if !errors.As(err, &input) {
		t.Errorf("within A: %v", err)
	}
	for _, f := range []func() (Table, error){
		func() (Table, error) { return tab.Without("D") },
		func() (Table, error) { return tab.Merge("A", "A") },
		func() (Table, error) { return tab.Merge("A", "D") },
	} {
		if _, err := f(); err == nil {
			t.Error("an unknown list was accepted")
		}
	}
}

func TestNewTableRefuses(t *testing.T) {
	for name, f := range map[string]func() (Table, error){
		"wrong number of counts": func() (Table, error) { return NewTable([]string{"A", "B"}, []int64{0, 1, 2}) },
		"negative":               func() (Table, error) { return NewTable([]string{"A", "B"}, []int64{0, 1, -2, 3}) },
		"in no list":             func() (Table, error) { return NewTable([]string{"A", "B"}, []int64{1, 1, 2, 3}) },
		"nobody":                 func() (Table, error) { return NewTable([]string{"A", "B"}, []int64{0, 0, 0, 0}) },
		"too many":               func() (Table, error) { return NewTable([]string{"A", "B"}, []int64{0, MaxObserved, 1, 1}) },
		"overflow":               func() (Table, error) { return NewTable([]string{"A", "B"}, []int64{0, 1 << 62, 1 << 62, 1 << 62}) },
		"one list":               func() (Table, error) { return NewTable([]string{"A"}, []int64{0, 1}) },
	} {
		_, err := f()
		var input *InputError
		if !errors.As(err, &input) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
