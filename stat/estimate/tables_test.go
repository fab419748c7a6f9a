package estimate

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// kosovoCSV counts deaths in Kosovo, March to June 1999, in four lists (Ball
// et al. 2002; the table of Silverman, Chan & Vincent 2024).
const kosovoCSV = `EXH,ABA,OSCE,HRW,Frequency
1,0,0,0,1131
0,1,0,0,845
0,0,1,0,936
0,0,0,1,306
1,1,0,0,177
1,0,1,0,228
1,0,0,1,106
0,1,1,0,217
0,1,0,1,31
0,0,1,1,123
1,1,1,0,181
1,1,0,1,18
1,0,1,1,42
0,1,1,1,32
1,1,1,1,27
`

// artificialCSV is the table Artificial_3 of Chan, Silverman & Vincent (2021).
const artificialCSV = `A,B,C,n
1,0,0,40
0,1,0,30
0,0,1,20
1,1,0,6
`

// seven is a made-up table of three lists.
const sevenCSV = `A,B,C,n
1,0,0,60
0,1,0,50
0,0,1,40
1,1,0,12
1,0,1,9
0,1,1,8
1,1,1,3
`

func mustRead(t testing.TB, csv string) Table {
	t.Helper()
	tab, err := Read(strings.NewReader(csv))
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

// shared reads a table of the data beside the repository, or skips.
func shared(t testing.TB, name string) Table {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "..", "shared", "data", name))
	if err != nil {
		t.Skipf("the table %s is not beside the repository: %v", name, err)
	}
	defer f.Close()
	tab, err := Read(f)
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

func testWorker(t int) *worker { return newWorker(context.Background(), t) }

func mustEstimate(t testing.TB, tab Table, o Options) *Report {
	t.Helper()
	r, err := Estimate(context.Background(), tab, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func near(got, want, tolerance float64) bool {
	return got-want <= tolerance && want-got <= tolerance
}
