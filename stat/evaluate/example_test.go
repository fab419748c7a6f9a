package evaluate_test

import (
	"context"
	"fmt"
	"log"
	"math"
	"os"
	"strings"

	"rostrum.example/stat/evaluate"
)

// sample is a made-up series of 48 months, about a quarter lower from the 31st
// on.
func sample() string {
	var b strings.Builder
	b.WriteString("month,deaths,law\n")
	for i := range 48 {
		law, level := 0, 80.0
		if i >= 30 {
			law, level = 1, 60
		}
		wobble := float64((i*37)%11 - 5)
		fmt.Fprintf(&b, "%d-%02d,%.0f,%d\n", 2020+i/12, i%12+1, level+8*math.Sin(2*math.Pi*float64(i)/12)+wobble, law)
	}
	return b.String()
}

func Example() {
	data, err := evaluate.Read(strings.NewReader(sample()))
	if err != nil {
		log.Fatal(err)
	}
	report, err := evaluate.Evaluate(context.Background(), data, evaluate.Options{
		Design: evaluate.Series, Formula: "log(deaths) ~ t + law + since(law) + harmonics(1)", Method: evaluate.NeweyWest,
		About: evaluate.About{Outcome: "sample deaths", Change: "the law"},
	})
	if err != nil {
		log.Fatal(err)
	}
	r := report.Results[0]
	fmt.Printf("%.3f (s.e. %.3f)\n%s\n%s\n", *r.Estimate, *r.SE, r.SEKind, report.Finding)
	// Output:
	// -0.285 (s.e. 0.014)
	// Newey-West, lag 12 (one cycle), Bartlett weights, no prewhitening, no small-sample factor
	// Sample deaths in 2022-07, when the law came: 25 % lower (95 % interval 27 % to 23 % lower) than the course before it leads to expect.
}

// Data that allow no estimate give a report that says why and what to do.
func Example_notEstimable() {
	data, err := evaluate.Read(strings.NewReader("t,y,law\n1,3,0\n2,5,0\n3,4,0\n4,6,0\n"))
	if err != nil {
		log.Fatal(err)
	}
	report, err := evaluate.Evaluate(context.Background(), data, evaluate.Options{Formula: "y ~ t + law"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.Estimable, report.Reason)
	// Output: false no term of the formula is 0 before a change and 1 from it on; add a column that is 0 before the change and 1 from it on, and name it in the formula
}

// A formula with a mistake is answered with the position.
func ExampleParseFormula() {
	_, err := evaluate.ParseFormula("deaths ~ t + sinse(law)")
	fmt.Println(err)
	// Output: formula, position 14: there is no function "sinse"; the functions are abs, at, cluster, exp, factor, group, harmonics, lag, log, log1p, mean, offset, since, sqrt
}

// A picture is a file, and its values are a table.
func ExampleReport_Pictures() {
	data, err := evaluate.Read(strings.NewReader(sample()))
	if err != nil {
		log.Fatal(err)
	}
	report, err := evaluate.Evaluate(context.Background(), data, evaluate.Options{Formula: "deaths ~ t + law", Method: evaluate.NeweyWest})
	if err != nil {
		log.Fatal(err)
	}
	picture := report.Pictures()[0]
	fmt.Println(picture.Name, len(picture.Twin.Rows))
	picture.Twin.Rows = picture.Twin.Rows[:2]
	if err := picture.Twin.CSV(os.Stdout); err != nil {
		log.Fatal(err)
	}
	// Output:
	// series 48
	// Period,observed,fitted,expected without,95 % interval,effect,95 % interval
	// 2020-01,75,80.7776,,,,
	// 2020-02,83,80.78145,,,,
}
