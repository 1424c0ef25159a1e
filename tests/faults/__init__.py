"""What breaks, stalls or fills up, and the test that it takes nobody else along.

Those that kill processes are marked `faults`; those of a pooler and of other servers need such ones.

| fault | test |
|---|---|
| a client sends half of an upload, or of its headers, or reads slowly | `test_stalled_clients.py`: `test_the_site_answers_beside_stalled_uploads_headers_and_readers` (the limits of time: `tests/findme/serving/test_server.py`) |
| a refused upload is still being sent | `test_who_sends_far_too_much_is_told_so_while_they_send` |
| originals and archives are taken home slowly | `test_slow_downloads.py`: `test_slow_downloads_leave_the_threads_to_those_who_look` |
| others have all the archives that the server makes at once | `test_an_archive_that_the_browser_builds_waits_for_nobodys` (a connection that breaks: `tests/photos/delivery/archive.test.js`) |
| many pages ask for news | `test_polls.py` |
| photos come in while workers are busy | `test_taking_in.py` |
| a worker is killed, photos in its hands | `test_killed_worker.py` |
| whoever matches everybody anew is killed, or the threshold changes meanwhile | `test_rematch.py`: `test_who_is_killed_half_way_loses_one_batch_and_the_rest_is_matched` and the tests that follow |
| a guest enrolls while everybody is matched anew | `test_who_joins_waits_for_one_batch_and_not_for_all` |
| a killed process leaves its query running | `test_large_events.py`: `test_what_a_killed_process_asked_for_holds_up_nobody` |
| an organizer looks at another threshold of a large event | `test_another_threshold_is_looked_at_and_chosen_without_a_search` |
| a guest is searched for beside other, larger events | `test_a_guest_is_searched_for_in_one_event_and_its_photos_are_read_last` |
| the queue is long | `test_long_queue.py`: `test_taking_from_many_reads_a_few_pages`, `test_a_look_of_the_watch_reads_a_few_rows`, `test_a_batch_is_enqueued_by_a_few_statements` |
| what heals would wait behind it | `test_a_sweep_runs_first_behind_whatever_waits` |
| hosts have nothing to do | `test_a_host_without_work_asks_less_than_once_a_second` |
| a cluster is killed, or one process of it | `test_queue.py`: `test_what_a_killed_cluster_held_is_begun_again_by_the_next`, `test_what_one_killed_process_of_a_cluster_held_is_begun_again` |
| a job takes long, or hangs | `test_a_job_that_takes_long_and_says_so_is_not_killed_though_others_wait`, `test_a_job_that_takes_long_silently_is_killed_while_others_wait` |
| the disk is nearly full | `test_full_disk.py` (warnings: `tests/findme/test_space.py`) |
| the database server is too old, or of another version | `test_versions.py` (what its administrator is told: `tests/findme/running/test_server_needs.py`) |
| a pooler lends sessions of the database | `test_pooler.py` |
| rows break what must always hold | `test_doctor.py`: `test_a_photo_over_which_a_worker_died_is_given_back_once_and_looked_at` (rule by rule: `tests/events/test_health.py`, `tests/photos/test_health.py`, `tests/faces/health/test_health.py`) |
| the embedded server cannot start | `test_a_server_of_our_own_that_cannot_start_is_no_traceback` |
| a killed supervisor leaves web processes on the port | `test_what_a_killed_supervisor_left_on_the_port_is_ended_by_the_next` |
| a web process is asked to end in the middle of a request | `test_sigterm_lets_a_running_request_finish` |
| what is asked to end does not, or needs long | `test_stopping.py` |
"""  # noqa: E501
