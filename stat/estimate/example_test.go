package estimate_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"strings"

	"rostrum.example/stat/estimate"
)

// A sample of three lists. The table is made up.
const sample = `Shelter,Hotline,Clinic,People
1,0,0,60
0,1,0,50
0,0,1,40
1,1,0,12
1,0,1,9
0,1,1,8
1,1,1,3
`

func Example() {
	table, err := estimate.Read(strings.NewReader(sample))
	if err != nil {
		log.Fatal(err)
	}
	report, err := estimate.Estimate(context.Background(), table, estimate.Options{Method: estimate.Stepwise})
	if err != nil {
		log.Fatal(err)
	}
	r := report.Results[0]
	fmt.Printf("observed %d, estimated %.0f (95 %% %.0f to %.0f)\n", report.Observed, *r.Estimate, r.Interval95[0], r.Interval95[1])
	fmt.Println(r.Model, len(r.Refusals) == 0)
	// Output:
	// observed 182, estimated 419 (95 % 335 to 549)
	// [Shelter] [Hotline] [Clinic] true
}

// Resampling chooses the model anew each time, so that the interval allows for
// the choice.
func Example_bootstrap() {
	table, err := estimate.Read(strings.NewReader(sample))
	if err != nil {
		log.Fatal(err)
	}
	report, err := estimate.Estimate(context.Background(), table, estimate.Options{
		Method: estimate.BIC, Resamples: 1000, Seed: 7,
	})
	if err != nil {
		log.Fatal(err)
	}
	r := report.Results[0]
	fmt.Println(r.IntervalKind, r.Bootstrap.Models, "models in each of", r.Bootstrap.Resamples, "resamples")
	// Output: bca 8 models in each of 1000 resamples
}

// A table that says nothing about the hidden is not estimable.
func Example_notEstimable() {
	table, err := estimate.Read(strings.NewReader("A,B,C,n\n1,0,0,40\n0,1,0,30\n0,0,1,20\n"))
	if err != nil {
		log.Fatal(err)
	}
	report, err := estimate.Estimate(context.Background(), table, estimate.Options{Method: estimate.Main})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.Estimable, report.Results[0].Code)
	fmt.Println(report.Results[0].Reason)
	// Output:
	// false does not exist
	// no two lists share anybody, so nothing says how many people both have missed
}

// Errors say where and what to do.
func ExampleRead_error() {
	_, err := estimate.Read(strings.NewReader("A,B,n\n1,0,40\n0,1,30.5\n"))
	fmt.Println(err)
	// Output: row 3, column "n": "30.5" is not a whole number; counts of people are whole; a weighted table cannot be used here
}

func ExampleReport_PublicCopy() {
	table, err := estimate.Read(strings.NewReader(sample))
	if err != nil {
		log.Fatal(err)
	}
	report, err := estimate.Estimate(context.Background(), table, estimate.Options{Method: estimate.Main})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Fprintln(os.Stdout, report.PublicCopy().Sentence)
	// Output: About 180 people were observed. With those in no list, their number is estimated at about 420 (95 % interval 340 to 550) by independent lists.
}
