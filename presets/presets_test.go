package presets_test

import (
	"testing"

	"rostrum.example/presets"
)

func TestTemp(t *testing.T) {
	for _, id := range []string{"untoc", "uncac"} {
		if _, err := presets.Read(id); err != nil {
			t.Error(err)
		}
	}
}
