// Posts a topic's records in signed batches, eight at a time, and commits what was answered.
package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const batchRecords, inFlight = 500, 8

func post(url string, batch []*kgo.Record) bool {
	values := make([][]byte, len(batch))
	for i, record := range batch {
		values[i] = record.Value
	}
	body := slices.Concat([]byte("["), bytes.Join(values, []byte(",")), []byte("]"))
	mac := hmac.New(sha256.New, []byte("bench-token"))
	mac.Write(body)
	request, _ := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("x-hmac-algorithm", "sha256")
	request.Header.Set("x-hmac-signature", hex.EncodeToString(mac.Sum(nil)))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		log.Print(err)
		return false
	}
	defer response.Body.Close()
	io.Copy(io.Discard, response.Body)
	return response.StatusCode == http.StatusOK
}

func main() {
	brokers, topic, group, url := os.Args[1], os.Args[2], os.Args[3], os.Args[4]
	stopped, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	http.DefaultTransport.(*http.Transport).MaxIdleConnsPerHost = inFlight
	http.DefaultClient.Timeout = 30 * time.Second
	kafka, err := kgo.NewClient(kgo.SeedBrokers(brokers), kgo.ConsumerGroup(group),
		kgo.ConsumeTopics(topic), kgo.DisableAutoCommit(), kgo.BlockRebalanceOnPoll())
	if err != nil {
		log.Fatal(err)
	}
	defer kafka.CloseAllowingRebalance()
	for {
		fetches := kafka.PollRecords(stopped, inFlight*batchRecords)
		if stopped.Err() != nil {
			return
		}
		fetches.EachError(func(topic string, partition int32, err error) {
			log.Print(topic, partition, err)
		})
		records := fetches.Records()
		var posts sync.WaitGroup
		for batch := range slices.Chunk(records, batchRecords) {
			posts.Go(func() {
				for !post(url, batch) {
					time.Sleep(time.Second)
				}
			})
		}
		posts.Wait()
		if err := kafka.CommitRecords(context.Background(), records...); err != nil {
			log.Print(err)
		}
		kafka.AllowRebalance()
	}
}
