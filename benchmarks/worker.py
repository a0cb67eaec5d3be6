"""One contender in a process of its own: it does its work whenever it is told to, and answers.

    python -I worker.py FILE FUNCTION

-I: it finds the packages of its environment, and neither this folder nor the project's, unless the
task names it. The first line of the input is the task; FUNCTION(task) gives train(), a generator
that yields once when it is ready, and then a loss after every step. The first answer is what runs
here; after that every line asks for one turn: training from the start, as often as it takes to fill
the time asked for. All in JSON. The time is that of the processor, for all threads of this process.
"""
import gc
import json
import platform
import resource
import runpy
import sys
import time


def peak() -> int:
    """The most memory that this process has held, in kB.

    To getrusage, where Linux has more to say, that of the process that started it counts as well.
    """
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    except OSError:
        unit = 1024 if sys.platform == "darwin" else 1
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // unit


def main():
    file, function = sys.argv[1:]
    answers, sys.stdout = sys.stdout, sys.stderr  # what others print is no answer
    task = json.loads(sys.stdin.readline())
    if task["project"]:
        sys.path.insert(0, task["project"])
    sys.setrecursionlimit(10 ** 6)  # micrograd and microgpt walk their graphs by recursion
    train = runpy.run_path(file)[function](task)

    def answer(**what):
        print(json.dumps(what), file=answers, flush=True)

    versions = {}
    if task["packages"]:
        from importlib.metadata import version  # large: every garbage collection would look at it
        versions = {name: version(name) for name in task["packages"]}
    answer(python=f"{platform.python_implementation()} {platform.python_version()}",
           versions=versions)
    if not task["collector"]:
        gc.disable()
    for line in sys.stdin:
        turn = json.loads(line)
        seconds, steps = 0.0, 0
        while seconds < turn["seconds"] or not steps:
            training = train()
            next(training)
            started = time.process_time()
            losses = [next(training) for _ in range(turn["steps"])]
            seconds += time.process_time() - started
            steps += turn["steps"]
            training.close()
        answer(seconds=seconds / steps, losses=losses, peak=peak())
        if not task["collector"]:
            gc.collect()  # between the turns, or memory would run out


if __name__ == "__main__":
    main()
