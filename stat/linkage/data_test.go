package linkage

import (
	"bytes"
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// shared reads a file of the shared test data, or skips the test.
func shared(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "data", name))
	if err != nil {
		t.Skipf("the shared test data is not here: %v", err)
	}
	return data
}

// read makes a table of text, each part a list named a, b, …
func read(t testing.TB, parts ...string) *Table {
	t.Helper()
	var sources []Source
	for i, p := range parts {
		sources = append(sources, Source{string(rune('a' + i)), bytes.NewReader([]byte(p))})
	}
	table, err := Read(context.Background(), sources...)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func link(t testing.TB, table *Table, cfg Config) (*Result, *State) {
	t.Helper()
	res, state, err := Link(context.Background(), table, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return res, state
}

func rows(t testing.TB, data []byte) [][]string {
	t.Helper()
	r := csv.NewReader(bytes.NewReader(data))
	r.TrimLeadingSpace = true
	out, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func text(t testing.TB, rows [][]string) string {
	t.Helper()
	var b bytes.Buffer
	if err := csv.NewWriter(&b).WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestKnownTruth links files whose true pairs are known, with and without the
// number that a real list would not have. The floors are the best F1 of Splink 5.0.0
// with DuckDB and of the ECM classifier of recordlinkage 0.16, each at the threshold
// that the truth favours; on fake_1000, where they reach 0.904 and 0.886, more.
func TestKnownTruth(t *testing.T) {
	person := regexp.MustCompile(`rec-(\d+)`)
	for _, c := range []struct {
		file   string
		truth  string
		ignore []string
		pairs  int64
		floor  float64
		most   int64 // comparisons
	}{
		{"febrl/dataset1.csv", "rec_id", nil, 500, 1, 2000},
		{"febrl/dataset1.csv", "rec_id", []string{"soc_sec_id"}, 500, 1, 2000},
		{"febrl/dataset2.csv", "rec_id", nil, 1934, 1, 10_000},
		{"febrl/dataset2.csv", "rec_id", []string{"soc_sec_id"}, 1934, 0.9992, 10_000},
		{"febrl/dataset3.csv", "rec_id", nil, 6538, 0.9999, 20_000},
		{"febrl/dataset3.csv", "rec_id", []string{"soc_sec_id"}, 6538, 0.9988, 20_000},
		{"splink_fake/fake_1000.csv", "cluster", nil, 2031, 0.98, 40_000},
	} {
		t.Run(c.file, func(t *testing.T) {
			cfg := Config{Truth: c.truth, Ignore: c.ignore, Seed: 1}
			if c.truth == "rec_id" {
				cfg.Pattern = person
			}
			res, _ := link(t, read(t, string(shared(t, c.file))), cfg)
			if res.Truth.Pairs != c.pairs {
				t.Fatalf("true pairs = %d, want %d", res.Truth.Pairs, c.pairs)
			}
			t.Logf("precision %.4f recall %.4f F1 %.4f compared %d; expected precision %.4f (%.4f to %.4f), recall %.4f (%.4f to %.4f); review %d weak %d",
				res.Truth.Precision, res.Truth.Recall, res.Truth.F1, res.Compared, res.Rates.Precision.Value, res.Rates.Precision.Low, res.Rates.Precision.High, res.Rates.Recall.Value, res.Rates.Recall.Low, res.Rates.Recall.High, res.Summary().Review, res.Weak)
			if res.Truth.F1 < c.floor {
				t.Errorf("F1 = %.4f, want at least %.4f", res.Truth.F1, c.floor)
			}
			if res.Compared > c.most {
				t.Errorf("compared %d pairs, want at most %d", res.Compared, c.most)
			}
		})
	}
}
