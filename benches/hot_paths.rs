//! The functions that every request goes through. Compare with `cargo bench --bench hot_paths`.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use vestibule::bench_support::{Decider, LoginPage, SealedTicket};

/// The decision must cost the same for one pattern and for a thousand.
fn decide(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decide");
    for patterns in [1, 10, 100, 1000] {
        let decider = Decider::new(patterns);
        for path in ["/welcome", "/no/pattern/matches/this/path/at/all"] {
            let id = BenchmarkId::new(format!("{patterns} patterns"), path);
            group.bench_function(id, |it| it.iter(|| decider.decide(black_box(path))));
        }
    }
    group.finish();
}

fn ticket(criterion: &mut Criterion) {
    let ticket = SealedTicket::new();
    criterion.bench_function("open a sealed ticket", |it| it.iter(|| black_box(ticket.open())));
}

fn login_page(criterion: &mut Criterion) {
    let page = LoginPage::new("en");
    criterion.bench_function("render the login page", |it| it.iter(|| black_box(page.render())));
    let page = LoginPage::new("ar");
    let name = "render the login page in Arabic";
    criterion.bench_function(name, |it| it.iter(|| black_box(page.render())));
}

criterion_group!(benches, decide, ticket, login_page);
criterion_main!(benches);
