package application

import (
	"fmt"
	"testing"

	"rostrum.example/internal/store"
)

// BenchmarkOfDialogue lists 190 applications with all their answers, as the bureau's table does.
func BenchmarkOfDialogue(b *testing.B) {
	g := newSQLiteRig(b)
	const many = 190
	rows := [][]string{{"ID", "Organisation", "Email", "Country", "Countries and regions of work", "Stakeholder type", "Dialogue", "Your expertise in the topics of each dialogue",
		"Links to your work", "Name", "Function", "Participant email", "Mode of participation", "How the organisation takes part", "Do you wish to speak?", "Topic you wish to speak on", "Working languages"}}
	expertise := ""
	for len(expertise) < 1500 {
		expertise += "We have run a shelter for people who were smuggled across the desert. "
	}
	for i := range many {
		rows = append(rows, []string{fmt.Sprint(i), fmt.Sprintf("Sample House %d", i), fmt.Sprintf("h%d@house.example", i), "Mali", "Mali;Niger;Western Africa", "Academia", "som-2027", expertise,
			"https://a.example;https://b.example", "A. Sample", "Director", "a@house.example", "Online", "Online", "Yes", "Shelters", "English;French"})
	}
	if n := len(g.take("many.csv", csv(rows...), ImportOptions{}).Taken); n != many {
		b.Fatalf("%d were taken", n)
	}
	b.ResetTimer()
	for b.Loop() {
		g.read(func(tx *store.Tx) error {
			all, err := g.room.OfDialogue(tx, "som-2027")
			if len(all) != many {
				b.Fatalf("%d are listed", len(all))
			}
			return err
		})
	}
}

// BenchmarkStepPage shows the heaviest page of the form, with every country.
func BenchmarkStepPage(b *testing.B) {
	g := newSQLiteRig(b)
	browser := g.draft("public", "no")
	var size int
	for b.Loop() {
		size = browser.get("/applications/organisation").wants(200).Body.Len()
	}
	b.ReportMetric(float64(size), "bytes")
}
