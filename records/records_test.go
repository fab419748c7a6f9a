package records_test

import (
	"testing"

	"rostrum.example/presets"
	"rostrum.example/records"
)

func TestTemp(t *testing.T) {
	m, err := presets.Read("untoc")
	if err != nil {
		t.Fatal(err)
	}
	all, err := records.Read(m)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		t.Log(f.ID, f.Date, len(f.Items()), len(f.Links))
	}
}
