(** * 全微分できる関数と、連鎖律（連鎖律の章）

    偏微分、全微分、曲線に沿った微分を定め、式 eq-chain-multi を示します。
    「偏微分が近くにあって連続なら全微分できる」ことも、ここで示します。 *)

From Coq Require Import Reals Lra Lia Arith FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From Backprop Require Import Sums.
Open Scope R_scope.

(** 並びの [j] 番めだけを [t] に替えたもの。 *)
Definition put (z : vec) (j : nat) (t : R) : vec := fun i => if Nat.eq_dec i j then t else z i.

(** 偏微分 [∂F/∂z_j = d]。ほかの成分を止めて、[z_j] だけを動かします。 *)
Definition is_partial (F : vec -> R) (z : vec) (j : nat) (d : R) : Prop :=
  is_derive (fun t : R => F (put z j t)) (z j) d.

(** 二つの並びのへだたり [‖u - z‖]。 *)
Definition distance (N : nat) (u z : vec) : R := sqrt (Σ k ≤ N, (u k - z k) ^ 2).

(** [F] が点 [z] で全微分できて、偏微分が [g] であること。
    「和で近似した残りが、動いた距離より速く 0 に近づく」（連鎖律の章）。 *)
Definition totally_differentiable (N : nat) (F : vec -> R) (z g : vec) : Prop :=
  forall ε, 0 < ε -> exists r, 0 < r /\
  forall u, distance N u z < r ->
  Rabs (F u - F z - Σ k ≤ N, (g k * (u k - z k))) <= ε * distance N u z.

(** [z] を通るどんな曲線 [c] に沿っても、割合の積の和が、全体の割合になること。 *)
Definition along_curves (N : nat) (F : vec -> R) (z g : vec) : Prop :=
  forall (c : R -> vec) (c' : vec) (t : R),
  (forall k, k ∈ N -> c t k = z k) ->
  (forall k, k ∈ N -> is_derive (fun s : R => c s k) t (c' k)) ->
  is_derive (fun s : R => F (c s)) t (Σ k ≤ N, (g k * c' k)).

(** ** 和の微分 *)

Lemma is_derive_sum N (c : R -> vec) (c' : vec) t :
  (forall k, k ∈ N -> is_derive (fun s : R => c s k) t (c' k)) ->
  is_derive (fun s : R => Σ k ≤ N, c s k) t (Σ k ≤ N, c' k).
Proof.
  induction N as [|N IH]; intros each; simpl.
  - apply (is_derive_const (V := R_NormedModule)).
  - apply (is_derive_plus (V := R_NormedModule)); [apply IH; intros|]; apply each; lia.
Qed.

(** ** 距離 *)

Lemma distance_nonneg N u z : 0 <= distance N u z.
Proof. apply sqrt_pos. Qed.

Lemma component_le N u z k : k ∈ N -> Rabs (u k - z k) <= distance N u z.
Proof.
  intros inside. rewrite <- sqrt_Rsqr_abs. apply sqrt_le_1_alt. unfold Rsqr.
  replace ((u k - z k) * (u k - z k)) with ((u k - z k) ^ 2) by ring.
  apply (sum_term_le N (fun i => (u i - z i) ^ 2)); [intros; apply pow2_ge_0|exact inside].
Qed.

Lemma distance_le_sum N u z : distance N u z <= Σ k ≤ N, Rabs (u k - z k).
Proof.
  assert (positive : forall n, 0 <= Σ k ≤ n, Rabs (u k - z k))
    by (intros; apply sum_nonneg; intros; apply Rabs_pos).
  unfold distance. rewrite <- (sqrt_Rsqr _ (positive N)). apply sqrt_le_1_alt. unfold Rsqr.
  induction N as [|N IH]; simpl; [lra|].
  assert (old := positive N). assert (new := Rabs_pos (u (S N) - z (S N))).
  assert (square : (u (S N) - z (S N)) ^ 2 = Rabs (u (S N) - z (S N)) ^ 2) by (symmetry; apply pow2_abs).
  simpl in square. simpl in IH. nra.
Qed.

(** ** 微分できるとは、残りが動かした幅より速く 0 に近づくこと *)

Lemma small_rest f t d :
  is_derive f t d <->
  forall ε, 0 < ε -> exists r, 0 < r /\
  forall h, Rabs h < r -> Rabs (f (t + h) - f t - d * h) <= ε * Rabs h.
Proof.
  rewrite is_derive_Reals. split; intros derived ε positive.
  - destruct (derived ε positive) as [r near]. exists r. split; [apply cond_pos|].
    intros h small. destruct (Req_dec h 0) as [->|moved].
    + rewrite Rplus_0_r. replace (f t - f t - d * 0) with 0 by ring. rewrite Rabs_R0. lra.
    + replace (f (t + h) - f t - d * h) with (((f (t + h) - f t) / h - d) * h) by (field; exact moved).
      rewrite Rabs_mult. apply Rmult_le_compat_r; [apply Rabs_pos|].
      left. apply near; [exact moved|exact small].
  - destruct (derived (ε / 2)) as [r [r_positive near]]; [lra|].
    exists (mkposreal r r_positive). intros h moved small. simpl in small.
    replace ((f (t + h) - f t) / h - d) with ((f (t + h) - f t - d * h) / h) by (field; exact moved).
    unfold Rdiv. rewrite Rabs_mult, Rabs_inv. assert (0 < Rabs h) by (apply Rabs_pos_lt; exact moved).
    apply Rle_lt_trans with (ε / 2 * Rabs h * / Rabs h).
    + apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat; assumption|apply near; exact small].
    + rewrite Rmult_assoc, Rinv_r by lra. lra.
Qed.

(** 有限個の「十分に小さければ」は、一つにまとめられる。 *)
Lemma together N (P : nat -> R -> Prop) :
  (forall k, k ∈ N -> exists r, 0 < r /\ forall h, h < r -> P k h) ->
  exists r, 0 < r /\ forall h, h < r -> forall k, k ∈ N -> P k h.
Proof.
  induction N as [|N IH]; intros each.
  - exists 1. split; [lra|]. intros; lia.
  - destruct IH as [r [r_positive old]]; [intros; apply each; lia|].
    destruct (each (S N)) as [s [s_positive new]]; [lia|].
    exists (Rmin r s). split; [apply Rmin_case; assumption|].
    intros h small k inside. assert (small_r := Rlt_le_trans _ _ _ small (Rmin_l r s)).
    assert (small_s := Rlt_le_trans _ _ _ small (Rmin_r r s)).
    destruct (Nat.eq_dec k (S N)) as [->|]; [apply new; assumption|apply old; [assumption|lia]].
Qed.

(** ** 全微分できれば、どんな曲線に沿っても連鎖律が成り立つ（式 eq-chain-multi） *)

Theorem chain_rule N F z g : totally_differentiable N F z g -> along_curves N F z g.
Proof.
  intros differentiable c c' t passes each. apply small_rest. intros ε positive.
  set (M := Σ k ≤ N, (Rabs (c' k) + 1)). set (G := Σ k ≤ N, Rabs (g k)).
  assert (M_nonneg : 0 <= M) by (apply sum_nonneg; intros k _; assert (H := Rabs_pos (c' k)); lra).
  assert (G_nonneg : 0 <= G) by (apply sum_nonneg; intros; apply Rabs_pos).
  set (ε₁ := ε / (2 * (M + 1))). set (ε₂ := Rmin 1 (ε / (2 * (G + 1)))).
  assert (ε₁_positive : 0 < ε₁) by (apply Rdiv_lt_0_compat; lra).
  assert (ε₂_positive : 0 < ε₂) by (apply Rmin_case; [lra|apply Rdiv_lt_0_compat; lra]).
  (* v の動き *)
  destruct (differentiable ε₁ ε₁_positive) as [r [r_positive outer]].
  (* u_k の動き *)
  destruct (together N (fun k s => forall h, Rabs h = s ->
    Rabs (c (t + h) k - z k - c' k * h) <= ε₂ * Rabs h)) as [s [s_positive inner]].
  { intros k inside. destruct (proj1 (small_rest _ _ _) (each k inside) ε₂ ε₂_positive) as [s [? near]].
    exists s. split; [assumption|]. intros size small h <-. rewrite <- (passes k inside). apply near. exact small. }
  assert (rate : 0 < r / (M + 1)) by (apply Rdiv_lt_0_compat; lra).
  exists (Rmin s (r / (M + 1))). split; [apply Rmin_case; assumption|]. intros h small.
  assert (small_s := Rlt_le_trans _ _ _ small (Rmin_l _ _)).
  assert (small_r := Rlt_le_trans _ _ _ small (Rmin_r _ _)).
  assert (rest : forall k, k ∈ N -> Rabs (c (t + h) k - z k - c' k * h) <= ε₂ * Rabs h)
    by (intros k inside; exact (inner _ small_s k inside h eq_refl)).
  assert (h_nonneg := Rabs_pos h).
  assert (moved : distance N (c (t + h)) z <= M * Rabs h).
  { eapply Rle_trans; [apply distance_le_sum|]. unfold M. rewrite <- sum_scale_r. apply sum_le.
    intros k inside. assert (now := rest k inside).
    assert (ε₂ <= 1) by apply Rmin_l.
    replace (c (t + h) k - z k) with (c (t + h) k - z k - c' k * h + c' k * h) by ring.
    eapply Rle_trans; [apply Rabs_triang|]. rewrite (Rabs_mult (c' k)). nra. }
  assert (close : distance N (c (t + h)) z < r).
  { eapply Rle_lt_trans; [exact moved|]. apply Rle_lt_trans with ((M + 1) * Rabs h); [nra|].
    apply Rmult_lt_compat_l with (r := M + 1) in small_r; [|lra].
    replace ((M + 1) * (r / (M + 1))) with r in small_r by (field; lra). exact small_r. }
  assert (here : F (c t) = F z).
  { assert (still : distance N (c t) z = 0).
    { unfold distance. rewrite <- sqrt_0. f_equal. rewrite <- (sum_zero N). apply sum_ext.
      intros k inside. rewrite passes by exact inside. ring. }
    assert (nothing := outer (c t)). rewrite still in nothing. specialize (nothing r_positive).
    assert (no_rest : Σ k ≤ N, (g k * (c t k - z k)) = 0).
    { rewrite <- (sum_zero N). apply sum_ext. intros k inside. rewrite passes by exact inside. ring. }
    rewrite no_rest, Rmult_0_r in nothing. assert (H := Rabs_pos (F (c t) - F z - 0)).
    destruct (Req_dec (F (c t) - F z - 0) 0) as [|away]; [lra|]. apply Rabs_pos_lt in away. lra. }
  rewrite here.
  replace (F (c (t + h)) - F z - (Σ k ≤ N, (g k * c' k)) * h)
    with ((F (c (t + h)) - F z - Σ k ≤ N, (g k * (c (t + h) k - z k)))
          + Σ k ≤ N, (g k * (c (t + h) k - z k - c' k * h))).
  2: { rewrite <- sum_scale_r. replace (Σ k ≤ N, (g k * (c (t + h) k - z k - c' k * h)))
         with (Σ k ≤ N, (g k * (c (t + h) k - z k)) - Σ k ≤ N, (g k * c' k * h)); [ring|].
       unfold Rminus at 1. rewrite <- (Rmult_1_l (Σ k ≤ N, (g k * c' k * h))) at 1.
       rewrite Ropp_mult_distr_l, <- sum_scale, <- sum_plus. apply sum_ext. intros; ring. }
  eapply Rle_trans; [apply Rabs_triang|].
  replace (ε * Rabs h) with (ε / 2 * Rabs h + ε / 2 * Rabs h) by field.
  apply Rplus_le_compat.
  - eapply Rle_trans; [apply outer; exact close|].
    apply Rle_trans with (ε₁ * (M * Rabs h)); [apply Rmult_le_compat_l; lra|].
    rewrite <- Rmult_assoc. apply Rmult_le_compat_r; [exact h_nonneg|].
    unfold ε₁. apply Rmult_le_reg_r with (2 * (M + 1)); [lra|].
    replace (ε / (2 * (M + 1)) * M * (2 * (M + 1))) with (ε * M) by (field; lra). nra.
  - eapply Rle_trans; [apply sum_abs|].
    apply Rle_trans with (Σ k ≤ N, (Rabs (g k) * (ε₂ * Rabs h))).
    + apply sum_le. intros k inside. rewrite Rabs_mult.
      apply Rmult_le_compat_l; [apply Rabs_pos|exact (rest k inside)].
    + rewrite sum_scale_r. fold G. rewrite <- Rmult_assoc. apply Rmult_le_compat_r; [exact h_nonneg|].
      apply Rle_trans with (G * (ε / (2 * (G + 1)))); [apply Rmult_le_compat_l; [exact G_nonneg|apply Rmin_r]|].
      apply Rmult_le_reg_r with (2 * (G + 1)); [lra|].
      replace (G * (ε / (2 * (G + 1))) * (2 * (G + 1))) with (ε * G) by (field; lra). nra.
Qed.

(** 一つの入力 [x_j] だけを動かす、この本の形（式 eq-chain-multi）。[du k] は [∂u_k/∂x_j]、[g k] は [∂v/∂u_k] です。 *)
Theorem chain_multi N (V : vec -> R) (u : vec -> vec) (x g du : vec) j :
  totally_differentiable N V (u x) g ->
  (forall k, k ∈ N -> is_partial (fun x => u x k) x j (du k)) ->
  is_partial (fun x => V (u x)) x j (Σ k ≤ N, (g k * du k)).
Proof.
  intros differentiable each. apply (chain_rule N V (u x) g differentiable (fun t => u (put x j t)) du).
  - intros k _. f_equal. f_equal. apply functional_extensionality. intros i. unfold put.
    destruct (Nat.eq_dec i j) as [->|]; reflexivity.
  - exact each.
Qed.

(** 途中の量が一つの、はじめの形（式 eq-chain-single）。[g] は [x] で、[f] は [g x] で微分できればよい。 *)
Theorem chain_single (f g : R -> R) x df dg :
  is_derive f (g x) df -> is_derive g x dg -> is_derive (fun t : R => f (g t)) x (df * dg).
Proof. intros outer inner. rewrite Rmult_comm. apply (is_derive_comp f g); assumption. Qed.

(** ** 偏微分が近くにあって連続なら、全微分できる

    [dF u k] は、点 [u] での [∂F/∂u_k] です。成分を一つずつ動かし、一つごとに平均値の定理を使います。 *)

Definition mix (i : nat) (u z : vec) : vec := fun k => if le_dec k i then u k else z k.

Theorem continuous_partials N (F : vec -> R) (dF : vec -> vec) (z : vec) ρ :
  (forall u v, (forall k, k ∈ N -> u k = v k) -> F u = F v) ->
  0 < ρ ->
  (forall u, distance N u z < ρ -> forall k, k ∈ N -> is_partial F u k (dF u k)) ->
  (forall k, k ∈ N -> forall ε, 0 < ε -> exists r, 0 < r /\
     forall u, distance N u z < r -> Rabs (dF u k - dF z k) <= ε) ->
  totally_differentiable N F z (dF z).
Proof.
  intros only ρ_positive partials continuous ε positive.
  set (ε' := ε / (INR N + 1)). assert (N_nonneg := pos_INR N).
  assert (ε'_positive : 0 < ε') by (apply Rdiv_lt_0_compat; lra).
  destruct (together N (fun k s => forall u, distance N u z = s -> Rabs (dF u k - dF z k) <= ε'))
    as [s [s_positive near]].
  { intros k inside. destruct (continuous k inside ε' ε'_positive) as [s [? near]].
    exists s. split; [assumption|]. intros h small u <-. apply near. exact small. }
  exists (Rmin ρ s). split; [apply Rmin_case; assumption|]. intros u close.
  assert (close_ρ := Rlt_le_trans _ _ _ close (Rmin_l _ _)).
  assert (close_s := Rlt_le_trans _ _ _ close (Rmin_r _ _)).
  assert (steps : forall i, (i <= N)%nat ->
    Rabs (F (mix i u z) - F (mix 0 u z) - Σ k ≤ i, (dF z k * (u k - z k))) <= Σ k ≤ i, (ε' * Rabs (u k - z k))).
  { induction i as [|i IH]; intros inside; simpl.
    - replace (F (mix 0 u z) - F (mix 0 u z) - 0) with 0 by ring. rewrite Rabs_R0. lra.
    - set (j := S i). set (m := mix i u z).
      assert (path : forall t, Rmin (z j) (u j) <= t <= Rmax (z j) (u j) -> distance N (put m j t) z <= distance N u z).
      { intros t between. apply sqrt_le_1_alt, sum_le. intros k _. cbv beta delta [put m mix].
        rewrite <- (pow2_abs (u k - z k)).
        destruct (Nat.eq_dec k j) as [->|].
        - rewrite <- (pow2_abs (t - z j)). apply pow_incr. split; [apply Rabs_pos|].
          revert between. unfold Rmin, Rmax. destruct (Rle_dec (z j) (u j)); intros; split_Rabs; lra.
        - destruct (le_dec k i); [rewrite pow2_abs; lra|]. replace (z k - z k) with 0 by ring.
          rewrite pow_i by lia. apply pow2_ge_0. }
      assert (slope : forall t, Rmin (z j) (u j) <= t <= Rmax (z j) (u j) ->
        is_derive (fun x => F (put m j x)) t (dF (put m j t) j)).
      { intros t between. assert (now : is_partial F (put m j t) j (dF (put m j t) j)).
        { apply partials; [eapply Rle_lt_trans; [apply path; exact between|exact close_ρ]|unfold j; lia]. }
        unfold is_partial in now. unfold put at 3 in now. destruct (Nat.eq_dec j j) as [_|]; [|lia].
        eapply is_derive_ext; [|exact now]. intros x. apply only. intros k _. unfold put.
        destruct (Nat.eq_dec k j); reflexivity. }
      destruct (MVT_gen (fun x => F (put m j x)) (z j) (u j) (fun t => dF (put m j t) j)) as [ξ [between moved]].
      { intros t between. apply slope. lra. }
      { intros t between. apply continuity_pt_filterlim, (ex_derive_continuous (V := R_NormedModule)).
        eexists. apply slope. exact between. }
      assert (before : F (put m j (z j)) = F (mix i u z)).
      { apply only. intros k _. unfold put, m, mix. destruct (Nat.eq_dec k j) as [->|]; [|reflexivity].
        destruct (le_dec j i); [unfold j in *; lia|reflexivity]. }
      assert (after : F (put m j (u j)) = F (mix j u z)).
      { apply only. intros k _. unfold put, m, mix. destruct (Nat.eq_dec k j) as [->|].
        - destruct (le_dec j j); [reflexivity|lia].
        - destruct (le_dec k i), (le_dec k j); reflexivity || (unfold j in *; lia). }
      rewrite before, after in moved.
      replace (F (mix j u z) - F (mix 0 u z) - (Σ k ≤ i, (dF z k * (u k - z k)) + dF z j * (u j - z j)))
        with ((F (mix i u z) - F (mix 0 u z) - Σ k ≤ i, (dF z k * (u k - z k)))
              + (dF (put m j ξ) j - dF z j) * (u j - z j)) by (rewrite Rmult_minus_distr_r, <- moved; ring).
      eapply Rle_trans; [apply Rabs_triang|]. apply Rplus_le_compat; [apply IH; lia|].
      rewrite Rabs_mult. apply Rmult_le_compat_r; [apply Rabs_pos|].
      apply near with (distance N (put m j ξ) z);
        [eapply Rle_lt_trans; [apply path; exact between|exact close_s]|unfold j; lia|reflexivity]. }
  assert (last : F (mix N u z) = F u).
  { apply only. intros k inside. unfold mix. destruct (le_dec k N); [reflexivity|lia]. }
  assert (first : F (mix 0 u z) = F z).
  { apply only. intros k inside. unfold mix. destruct (le_dec k 0); [lia|reflexivity]. }
  assert (whole := steps N (le_n N)). rewrite last, first in whole.
  eapply Rle_trans; [exact whole|].
  apply Rle_trans with (Σ k ≤ N, (ε' * distance N u z)).
  - apply sum_le. intros k inside. apply Rmult_le_compat_l; [lra|apply component_le; exact inside].
  - rewrite sum_constant, <- Rmult_assoc. apply Rmult_le_compat_r; [apply distance_nonneg|].
    apply Rmult_le_reg_r with (INR N + 1); [lra|]. unfold ε'.
    replace (INR N * (ε / (INR N + 1)) * (INR N + 1)) with (INR N * ε) by (field; lra). nra.
Qed.
